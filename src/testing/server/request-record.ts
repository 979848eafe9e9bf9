import type { RequestRecord } from './records.ts'
import { isWarmup, itemsOf, turnKey } from './request.ts'
import { stringField } from './wire.ts'
import type { Logs } from './world.ts'
import { countUp } from './world.ts'

/** What a request's body does not say about it. */
type Arrival = Pick<RequestRecord, 'at' | 'transport' | 'connection' | 'lane'>

/** The record of a create that has not started yet. */
export function recordOf(body: Readonly<Record<string, unknown>>, arrival: Arrival): RequestRecord {
  return {
    ...arrival,
    turnKey: turnKey(body),
    warmup: isWarmup(body),
    model: stringField(body, 'model') ?? null,
    previousResponseId: stringField(body, 'previous_response_id') ?? null,
    inputItems: itemsOf(body['input']).length,
    responseId: null,
    outcome: null,
  }
}

/** Writes down a create that a client sent. */
export function addCreate(logs: Logs, record: RequestRecord): void {
  logs.requests.add(record)
  if (!record.warmup) countUp(logs.creates, record.turnKey)
}

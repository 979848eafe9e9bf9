import * as v from 'valibot'
import { type EventKind, kindOf } from './event-kinds.ts'
import { isOwnEventType } from './own-events.ts'
import { hasWholeOutput, isRecord, repairEnvelope, repairError, repairResponse } from './repair.ts'
import { controlEventSchemas } from './schemas.ts'
import type { ServerEvent, TerminalEvent, UnknownServerEvent } from './server-events/index.ts'
import { type Settlement, settlementOf } from './terminal.ts'

interface ReadEvent<Kind extends EventKind, Event> {
  readonly ok: true
  readonly kind: Kind
  /** The lane that it names with `stream_id`; null for the default lane. */
  readonly lane: string | null
  /** The response that it names, or null. */
  readonly responseId: string | null
  /**
   * The value itself, not a copy, except where something of it had to be left out or filled in: a response without
   * `output` gets an empty one, and of an event that does not fit its schema but was taken only what does is kept.
   */
  readonly event: Event
  /** How the response ended; null unless the kind is `terminal`. */
  readonly settlement: Settlement | null
  /** Leads to what did not fit, in an event that was taken all the same; else null. */
  readonly repaired: string | null
}

/** A frame that is an event, with what whoever follows a response has to know of it. It is read once, here. */
export type ParsedServerEvent =
  | ReadEvent<Exclude<EventKind, 'unknown'>, ServerEvent>
  /** A type that this version does not know. Pass it on. */
  | ReadEvent<'unknown', UnknownServerEvent>

/** A frame that is no event. Nothing of what the frame says is in here, except a harmless `type`. */
export interface ServerEventFault {
  readonly ok: false
  /** `shape`: the type is known, and a field of it is missing or of the wrong type. */
  readonly problem: 'not-an-object' | 'no-type' | 'shape'
  readonly type?: string
  /** Leads to the field, as in `response.output.0.type`. */
  readonly path?: string
}

/** Items that are nested deeper could never be sent again: `JSON.stringify` is recursive. */
const MAX_DEPTH = 512

/**
 * Looks at one frame after `JSON.parse`. Never throws on what `JSON.parse` gives.
 *
 * It runs for every frame, so a delta costs one map lookup and one `typeof`. Events that can change a state are
 * rare and are held against their schema.
 *
 * What can only be an ending is one, with whatever could be read of it: a terminal event or an `error` that does not
 * fit its schema ends its turn all the same, and so does an error envelope without a `type`.
 */
export function parseServerEvent(value: unknown): ParsedServerEvent | ServerEventFault {
  if (!isRecord(value)) return { ok: false, problem: 'not-an-object' }
  const type = value['type']
  if (typeof type !== 'string') return untyped(value)
  const kind = kindOf(type)
  switch (kind) {
    case 'delta':
      return typeof value['delta'] === 'string' ? read(kind, value) : fault(type, 'delta')
    case 'object-delta':
      return isRecord(value['delta']) ? read(kind, value) : fault(type, 'delta')
    case 'item':
      return isWholeItem(value['item']) ? read(kind, value) : fault(type, 'item')
    case 'content':
    case 'alive':
      return read(kind, value)
    case 'unknown':
      return isOwnEventType(type) ? { ok: false, problem: 'shape', path: 'type' } : read(kind, value)
    default:
      return parseControlEvent(kind, type, value)
  }
}

/**
 * The ending that a text which is no JSON begins with, or null. A frame that was cut off after its type still says
 * that the response is over.
 */
export function brokenEnding(text: string): ParsedServerEvent | null {
  const type = BEGINNING.exec(text.slice(0, BEGINNING_LENGTH))?.[1]
  if (type === undefined) return null
  const kind = kindOf(type)
  const stream_id = LANE.exec(text)?.[1]
  const value = { type, ...(stream_id !== undefined && { stream_id }) }
  if (kind === 'error') return read(kind, value, '')
  return kind === 'terminal' ? repairedEnding(type, value, '') : null
}

const BEGINNING_LENGTH = 128
const BEGINNING = /^\s{0,32}\{\s{0,32}"type"\s{0,8}:\s{0,8}"([\w.]{1,64})"/
const LANE = /"stream_id"\s{0,8}:\s{0,8}"([\w.-]{1,256})"/

function parseControlEvent(
  kind: EventKind,
  type: string,
  given: Readonly<Record<string, unknown>>,
): ParsedServerEvent | ServerEventFault {
  // Some gateways write out that there is none.
  const isNulled = given['stream_id'] === null || given['sequence_number'] === null
  const value = isNulled ? repairEnvelope(given) : given
  const schema = controlEventSchemas.get(type) as v.GenericSchema
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return kind === 'terminal' ? readEnding(value) : read(kind, withOutput(value))
  const path = v.getDotPath(result.issues[0]) ?? ''
  if (kind === 'terminal') return repairedEnding(type, value, path)
  if (kind === 'error') return read(kind, repairError(value, type), path)
  // What it names is all that is needed of it.
  const response = kind === 'steering' ? null : repairResponse(value['response'])
  if (response === null || response['id'] === '') return fault(type, path)
  return read(kind, { ...repairEnvelope(value), response }, path)
}

function readEnding(value: Readonly<Record<string, unknown>>): ParsedServerEvent {
  const event = withOutput(value) as unknown as TerminalEvent
  const settlement = settlementOf(event)
  const items = settlement.response?.output ?? []
  if (items.every((item) => isWithin(item, MAX_DEPTH))) return read('terminal', event, null, settlement)
  return repairedEnding(event.type, value, 'response.output')
}

/** Nobody can answer with a response that cannot be read: whatever its type says, it has failed. */
function repairedEnding(
  type: string,
  value: Readonly<Record<string, unknown>>,
  path: string,
): ParsedServerEvent {
  const isError = type === 'response.error'
  const response = repairResponse(value['response'])
  const output = (response?.['output'] ?? []) as readonly unknown[]
  const isSendable = output.every((item) => isWithin(item, MAX_DEPTH))
  const whole = response === null ? null : { ...response, output: isSendable ? output : [] }
  const fields = isError ? repairError(value, type) : repairEnvelope(value)
  const event = { ...fields, response: whole } as unknown as TerminalEvent
  const isReadable = whole !== null && isSendable && hasWholeOutput(value['response'])
  const settlement: Settlement = isReadable
    ? settlementOf(event)
    : { outcome: 'failed', response: whole as Settlement['response'] }
  return read('terminal', event, path, settlement)
}

/** Some gateways refuse a request with an envelope that has no `type`. */
function untyped(value: Readonly<Record<string, unknown>>): ParsedServerEvent | ServerEventFault {
  const { error } = value
  if (value['type'] !== undefined || (!isRecord(error) && typeof error !== 'string')) {
    return { ok: false, problem: 'no-type' }
  }
  return read('error', repairError(value, 'error'), 'type')
}

function read(
  kind: EventKind,
  value: object,
  repaired: string | null = null,
  settlement: Settlement | null = null,
): ParsedServerEvent {
  const { stream_id: lane, response } = value as { stream_id?: unknown; response?: { id?: unknown } | null }
  const id = response === undefined || response === null ? null : response.id
  return {
    ok: true,
    kind,
    lane: typeof lane === 'string' && lane !== '' ? lane : null,
    responseId: typeof id === 'string' && id !== '' ? id : null,
    event: value,
    settlement,
    repaired,
  } as ParsedServerEvent
}

function fault(type: string, path: string): ServerEventFault {
  return path === '' ? { ok: false, problem: 'shape', type } : { ok: false, problem: 'shape', type, path }
}

/** Spares every reader of `response.output` a check: some gateways leave it out where it is empty. */
function withOutput(event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const response = event['response']
  if (!isRecord(response) || Array.isArray(response['output'])) return event
  return { ...event, response: { ...response, output: [] } }
}

function isWholeItem(item: unknown): boolean {
  return isRecord(item) && typeof item['type'] === 'string' && isWithin(item, MAX_DEPTH)
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((field) => isWithin(field, levels - 1))
}

import * as v from 'valibot'
import { contentEventKinds } from './content-event-kinds.ts'
import { controlEventSchemas } from './schemas.ts'
import type { ContentEvent, ControlEvent, UnknownServerEvent } from './server-events/index.ts'

/** A frame that is an event. */
export type ParsedServerEvent =
  /** It can change a state, and was validated whole. */
  | { readonly ok: true; readonly known: true; readonly control: true; readonly event: ControlEvent }
  /** It carries content. A delta's `delta` was checked; of other kinds only `type`. */
  | { readonly ok: true; readonly known: true; readonly control: false; readonly event: ContentEvent }
  /** A type that this version does not know. Pass it on. */
  | { readonly ok: true; readonly known: false; readonly control: false; readonly event: UnknownServerEvent }

/** A frame that is no event. Nothing of what the frame says is in here, except a harmless `type`. */
export interface ServerEventFault {
  readonly ok: false
  /** `shape`: the type is known, and a field of it is missing or of the wrong type. */
  readonly problem: 'not-an-object' | 'no-type' | 'shape'
  readonly type?: string
  /** Leads to the field, as in `response.output.0.type`. */
  readonly path?: string
}

/**
 * Looks at one frame after `JSON.parse`.
 *
 * Never throws on what `JSON.parse` gives. The event is the value itself, not a copy, except where a response came without `output`: then
 * it is a copy with an empty one.
 *
 * It runs for every frame, so a delta costs one map lookup and one `typeof`. Events that can change a state are
 * rare and are held against their schema.
 */
export function parseServerEvent(value: unknown): ParsedServerEvent | ServerEventFault {
  if (!isRecord(value)) return { ok: false, problem: 'not-an-object' }
  const type = value['type']
  if (typeof type !== 'string') return { ok: false, problem: 'no-type' }
  const kind = contentEventKinds.get(type)
  if (kind === undefined) {
    const schema = controlEventSchemas.get(type)
    if (schema !== undefined) return parseControlEvent(schema, type, value)
    return { ok: true, known: false, control: false, event: value as UnknownServerEvent }
  }
  const delta = value['delta']
  const fits = kind === 'text-delta' ? typeof delta === 'string' : kind === 'other' || isRecord(delta)
  if (!fits) return { ok: false, problem: 'shape', type, path: 'delta' }
  return { ok: true, known: true, control: false, event: value as unknown as ContentEvent }
}

function parseControlEvent(
  schema: v.GenericSchema,
  type: string,
  value: Record<string, unknown>,
): ParsedServerEvent | ServerEventFault {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) {
    return { ok: true, known: true, control: true, event: withOutput(value) as unknown as ControlEvent }
  }
  const path = v.getDotPath(result.issues[0])
  return path === null ? { ok: false, problem: 'shape', type } : { ok: false, problem: 'shape', type, path }
}

/** Spares every reader of `response.output` a check: some gateways leave it out where it is empty. */
function withOutput(event: Record<string, unknown>): Record<string, unknown> {
  const response = event['response']
  if (!isRecord(response) || Array.isArray(response['output'])) return event
  return { ...event, response: { ...response, output: [] } }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import type { ResponseObject } from './response-object.ts'
import type { ServerEvent, TerminalEvent } from './server-events/index.ts'

/** How a response ended. */
export type TerminalOutcome = 'completed' | 'incomplete' | 'failed'

/** A terminal event of any dialect, told in one way. */
export interface Settlement {
  readonly outcome: TerminalOutcome
  /** Null only after `response.error`, which can come without one. */
  readonly response: ResponseObject | null
}

/**
 * Types of the events after which a response has ended; the last two are dialects of gateways.
 *
 * `error` is not among them. It ends a request, but it can also concern the connection, and it names no
 * response.
 */
export const TERMINAL_TYPES: readonly TerminalEvent['type'][] = Object.freeze([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.done',
  'response.error',
] as const)

const TERMINAL: ReadonlySet<string> = new Set(TERMINAL_TYPES)

/** Whether a response has ended with this event. */
export function isTerminalEvent(event: ServerEvent): event is TerminalEvent
export function isTerminalEvent(event: { readonly type: string }): boolean
export function isTerminalEvent(event: { readonly type: string }): boolean {
  return TERMINAL.has(event.type)
}

/**
 * Says how a response ended.
 *
 * | event | outcome |
 * | --- | --- |
 * | `response.completed`, `.incomplete`, `.failed` | as the type says |
 * | `response.done` with status `completed` | `completed` |
 * | `response.done` with status `incomplete` or `cancelled` | `incomplete` |
 * | `response.done` with any other status | `failed` |
 * | `response.error` | `failed` |
 */
export function settlementOf(event: TerminalEvent): Settlement {
  if (event.type === 'response.error') return { outcome: 'failed', response: event.response ?? null }
  const { type, response } = event
  return { outcome: type === 'response.done' ? outcomeOfStatus(response.status) : OUTCOMES[type], response }
}

const OUTCOMES = {
  'response.completed': 'completed',
  'response.incomplete': 'incomplete',
  'response.failed': 'failed',
} as const

function outcomeOfStatus(status: ResponseObject['status']): TerminalOutcome {
  if (status === 'completed') return 'completed'
  return status === 'incomplete' || status === 'cancelled' ? 'incomplete' : 'failed'
}

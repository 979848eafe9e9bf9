import { isDeepStrictEqual } from 'node:util'

/** The five names, which are all that the top level of a connection shows. */
export type ConnectionName = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed'

/** How the last socket or attempt ended, without what is only for people to read. */
export interface EndView {
  readonly code: number
  readonly error: string | null
  readonly phase: string
  readonly retryable: boolean
  readonly httpStatus: number | null
  readonly retryAfterMs: number | null
}

/** What can be seen of a connection, whoever shows it: the model, the chart, or the class with a server behind it. */
export interface ConnectionView {
  readonly state: ConnectionName
  readonly canSend: boolean
  /** The retry that is waited for or tried, 0 for none. */
  readonly attempt: number
  /** The wait before it, in ms. */
  readonly delayMs: number
  readonly closedBecause: string | null
  readonly lastEnd: EndView | null
  /** Which turn the next one may continue, counted from 1 over all turns that the server ran; null for none. */
  readonly continues: number | null
  /** Sockets dialed so far. */
  readonly dials: number
  /** The id under which the connection knows its newest socket, 0 for none. */
  readonly connectionId: number
  /** The key that the newest dial carried, as far as it was let through; null for none. */
  readonly key: string | null
  /** Sockets that exist now. */
  readonly live: number
  /** Dials that asked the credential provider for a new key. */
  readonly renewals: number
  /** Pings sent so far. */
  readonly pings: number
  /** What listeners were told since the last step, in order. */
  readonly told: readonly string[]
}

/** One place where two views differ. */
export interface Difference {
  readonly field: string
  readonly expected: unknown
  readonly actual: unknown
}

/** Where `actual` differs from `expected`. */
export function differences(expected: object, actual: object): Difference[] {
  return Object.entries(expected)
    .map(([field, value]) => ({
      field,
      expected: value as unknown,
      actual: Reflect.get(actual, field) as unknown,
    }))
    .filter((one) => !isDeepStrictEqual(one.expected, one.actual))
}

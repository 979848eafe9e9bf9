import type { ConnectionStep } from '../../../src/testing/model/steps.ts'

/** Whose connection something happens to: that of the next turns, its successor, or the eldest that was left. */
export type LinePlace = 'current' | 'next' | 'old'

/** What can happen to one connection of a line from outside. */
export type SocketStep = Extract<
  ConnectionStep,
  { do: 'accept' | 'refuse' | 'cut' | 'hang-up' | 'expire' | 'freeze' | 'thaw' }
>

/** One thing that happens to a line: a command, a conversation that asks for a lane or lets go of it, a socket, time. */
export type LineStep =
  | { readonly do: 'connect'; readonly key?: string }
  | { readonly do: 'retry' | 'close' }
  /** A conversation of the line's own begins. */
  | { readonly do: 'open'; readonly who: string }
  /** Asks for a lane; lets the request go; leaves for good. */
  | { readonly do: 'ask' | 'withdraw' | 'leave'; readonly who: string }
  /** Its turn has ended; with `tail`, the server may still be answering it. */
  | { readonly do: 'release'; readonly who: string; readonly tail?: boolean }
  /** The server has finished what it left. */
  | { readonly do: 'drained'; readonly who: string }
  /** The server knows no further lane; another socket is needed; nothing can be sent on this one. */
  | { readonly do: 'exhausted' | 'renew' | 'unusable'; readonly who: string }
  | (SocketStep & { readonly of: LinePlace })
  /** The application closes a connection of the line by itself. */
  | { readonly do: 'close actor' }
  /** The server shows that it has lanes, or that it has none. */
  | { readonly do: 'show lanes' | 'show none' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'next' }

/** The names of steps of the line itself: of no conversation, and of no socket. */
export const OWN_STEPS: ReadonlySet<string> = new Set([
  'connect',
  'retry',
  'close',
  'close actor',
  'show lanes',
  'show none',
  'wait',
  'next',
])
export const SOCKET_STEPS: ReadonlySet<string> = new Set<SocketStep['do']>([
  'accept',
  'refuse',
  'cut',
  'hang-up',
  'expire',
  'freeze',
  'thaw',
])

/** What a line depends on. Times in ms. */
export interface LineModelOptions {
  /** Responses at once and names of a connection. Default: null, one at a time on the default lane. */
  readonly lanes?: { readonly inFlight: number; readonly names: number } | null
  /** Default: false, never too old. */
  readonly maxAgeMs?: number | false
  readonly turnBudgetMs?: number
  readonly maxRetries?: number
  /** Whether turns go over HTTP where a WebSocket cannot be had. Default: false. */
  readonly httpFallback?: boolean
}

/** One connection as its line shows it. */
export interface LineConnectionView {
  readonly id: string
  readonly state: string
  readonly connectionId: number
}

/** What can be seen of a line. */
export interface LineView {
  readonly state: string
  readonly current: LineConnectionView
  readonly next: LineConnectionView | null
  readonly old: readonly LineConnectionView[]
  /** Conversations of the line's own. */
  readonly conversations: readonly string[]
  /** Who waits for a lane, in order. */
  readonly waiting: readonly string[]
  readonly dials: number
  readonly live: number
  /** Sockets that the server holds. */
  readonly open: number
  /** Turns that were started over a WebSocket, by socket and lane, sorted. */
  readonly creates: readonly string[]
  /** The key of the newest dial, null for none. */
  readonly key: string | null
  /** What conversations were told since the last step, as in `a: connection-1.1 lane-1 0`. */
  readonly told: readonly string[]
  /** What listeners of the line were told since the last step. */
  readonly emitted: readonly string[]
}

// `holdline/protocol`: the wire's words, for programs that read or write frames themselves.
export type { ClientEvent } from './client-events.ts'
export { CloseCode } from './close-codes.ts'
export { type ErrorFrameDetails, readErrorFrame } from './error-details.ts'
export { isLaneName } from './lane-name.ts'
export { type ParsedServerEvent, parseServerEvent, type ServerEventFault } from './parse-server-event.ts'
export { canSteer } from './providers.ts'
export { type HeaderValue, parseRetryAfter } from './retry-after.ts'
export type { ServerEvent, ServerEventOf, TerminalEvent, UnknownServerEvent } from './server-events/index.ts'
export {
  isTerminalEvent,
  type Settlement,
  settlementOf,
  TERMINAL_TYPES,
  type TerminalOutcome,
} from './terminal.ts'
export { parseWaitHint } from './wait-hint.ts'

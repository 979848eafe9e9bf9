export type * from './client-events.ts'
export { CloseCode } from './close-codes.ts'
export type * from './content-parts.ts'
export {
  type ErrorFrameDetails,
  getOpenAIWebSocketErrorDetails,
  type OpenAIWebSocketErrorDetails,
  readErrorFrame,
} from './error-details.ts'
export * from './errors.ts'
export type * from './hosted-items.ts'
export type * from './input-items.ts'
export { isLaneName } from './lane-name.ts'
export type * from './output-items.ts'
export { type ParsedServerEvent, parseServerEvent, type ServerEventFault } from './parse-server-event.ts'
export { azure, canSteer, type LaneLimits, openai, type ProviderProfile, vercel, xai } from './providers.ts'
export type * from './response-object.ts'
export { type HeaderValue, parseRetryAfter } from './retry-after.ts'
export { controlEventSchemas } from './schemas.ts'
export * from './secret.ts'
export type * from './server-events/index.ts'
export {
  isTerminalEvent,
  type Settlement,
  settlementOf,
  TERMINAL_TYPES,
  type TerminalOutcome,
} from './terminal.ts'
export type * from './tool-outputs.ts'
export type * from './tools.ts'
export type * from './transport.ts'
export { parseWaitHint } from './wait-hint.ts'

export {
  type CompactBody,
  type CompactedResponse,
  type CompactRequest,
  compactResponse,
} from './compact-response.ts'
export { HttpExchangeError, type HttpRefusal, HttpStatusError } from './errors.ts'
export type { HttpCall } from './exchange.ts'
export { httpUrlOf } from './http-url.ts'
export type { HttpProgress } from './reach.ts'
export {
  type HttpResponseBody,
  type HttpStreamEvent,
  streamResponse,
  type StreamRequest,
} from './stream-response.ts'

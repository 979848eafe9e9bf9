export { compactResponse } from './compact-response.ts'
export { HttpExchangeError, HttpStatusError } from './errors.ts'
export { httpUrlOf } from './http-url.ts'
export { type HttpStreamEvent, streamResponse, type StreamRequest } from './stream-response.ts'

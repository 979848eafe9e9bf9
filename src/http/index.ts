export { compactResponse } from './compact-response.ts'
export { httpUrlOf } from './http-url.ts'
export { type HttpStreamEvent, streamResponse, type StreamRequest } from './stream-response.ts'

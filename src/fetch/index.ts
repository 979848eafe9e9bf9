export { type ResponsesFetch, type ResponsesFetchOptions, responsesFetch } from './responses-fetch.ts'
export type { ResponsesSource, SourceFor } from './sources.ts'
export type { RequestCredential } from './credential.ts'

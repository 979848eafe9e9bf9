/** The service that the workflow runs on. */
export interface Target {
  /** A `ws:` or `wss:` URL. */
  readonly url: string
  readonly apiKey: string
  readonly model: string
}

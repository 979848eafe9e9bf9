import type { ConnectionOptions } from '../../index.ts'
import type { Pause } from './answer-questions.ts'

/** The service that the workflow runs on. */
export interface Target {
  /** A `ws:` or `wss:` URL. */
  readonly url: string
  readonly apiKey: string
  readonly model: string
  /** How old its connections may get. Default: what the provider is known to allow. */
  readonly age?: Pick<ConnectionOptions, 'maxAgeMs' | 'turnBudgetMs'>
  /** What is waited for before the last question. Default: nothing. */
  readonly pause?: Pause
}

import { isLaneName } from '../../protocol/index.ts'
import type { ErrorFrame } from '../script/types.ts'

/** The lane names of a connection. None is ever freed while the connection lives. */
export class LaneNames {
  readonly #limits: { readonly lanes: boolean | 'ignored'; readonly laneNames: number }
  readonly #names = new Set<string>()

  constructor(limits: { readonly lanes: boolean | 'ignored'; readonly laneNames: number }) {
    this.#limits = limits
  }

  /** Takes the `stream_id` of a create; absent is the default lane. Gives the error to refuse it with, or null. */
  add(name: unknown): ErrorFrame | null {
    if (name === undefined || this.#limits.lanes === 'ignored') return null
    if (!this.#limits.lanes) {
      return { status: 400, shape: 'detail', message: 'Unsupported parameter: stream_id' }
    }
    if (!isLaneName(name)) return { status: 400, code: 'invalid_stream_id', param: 'stream_id' }
    if (!this.#names.has(name) && this.#names.size >= this.#limits.laneNames) {
      return { status: 400, code: 'websocket_stream_limit_reached', param: 'stream_id' }
    }
    this.#names.add(name)
    return null
  }
}

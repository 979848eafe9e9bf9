import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { HoldlineError } from '../../protocol/errors.ts'
import { endedError } from '../connection-error.ts'
import type { ConversationHost } from './host.ts'
import type { HistoryItem } from './history.ts'

/** What is compacted, and for how long it is waited for. */
export interface CompactionPlan {
  readonly body: Pick<ResponseCreateEvent, 'model' | 'input' | 'instructions' | 'previous_response_id'>
  /** In ms; null for no limit. */
  readonly limitMs: number | null
  readonly signal: AbortSignal | undefined
}

/** Requests for a compacted history, of one conversation. They end with it, and with its connection. */
export class Compactions {
  readonly #host: Pick<ConversationHost, 'line' | 'transport' | 'clock'>
  readonly #running = new Set<AbortController>()

  constructor(host: Pick<ConversationHost, 'line' | 'transport' | 'clock'>) {
    this.#host = host
  }

  /**
   * The compacted window.
   *
   * @throws {HoldlineError} `ERR_TIMEOUT` when the limit is over, `ERR_CLOSED` when the connection was closed, and what
   * the request over HTTP throws; the signal's reason
   */
  async compact({ body, limitMs, signal }: CompactionPlan): Promise<readonly HistoryItem[]> {
    signal?.throwIfAborted()
    const { line, clock, transport } = this.#host
    if (isClosed(line)) throw endedError()
    const own = new AbortController()
    this.#running.add(own)
    const onAbort = (): void => own.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = limitMs !== null && clock.setTimeout(() => own.abort(tookTooLong(limitMs)), limitMs)
    const closing = line.subscribe(() => {
      if (isClosed(line)) own.abort(endedError())
    })
    try {
      const { compactResponse } = await import('../../http/index.ts')
      const { output } = await compactResponse({ transport: transport(), clock, body, signal: own.signal })
      return output
    } finally {
      if (timer !== false) clock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      closing.unsubscribe()
      this.#running.delete(own)
    }
  }

  /** Gives up what is under way. */
  end(reason: unknown): void {
    for (const one of this.#running) one.abort(reason)
  }
}

/** Closed by the application, or stopped: nothing is dialed any more. */
function isClosed(line: ConversationHost['line']): boolean {
  const snapshot = line.getSnapshot()
  return snapshot.status !== 'active' || snapshot.matches({ ended: 'closed' })
}

function tookTooLong(limitMs: number): HoldlineError {
  return new HoldlineError(
    'ERR_TIMEOUT',
    `The server did not compact the history within ${limitMs} ms. The history is as it was. Try again, or raise ` +
      'eventTimeoutMs.',
  )
}

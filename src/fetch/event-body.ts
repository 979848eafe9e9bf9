import { HoldlineError } from '../index.ts'
import type { HttpEvent } from './events.ts'

const encoder = new TextEncoder()

/**
 * The body of a streamed answer: server-sent events, as many in one chunk as wait for the reader. What waits is
 * bounded in bytes, because a socket that many share cannot be held up for one reader.
 */
export class EventBody {
  readonly stream: ReadableStream<Uint8Array>
  readonly #limit: number
  #texts: string[] = []
  #bytes = 0
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  #wake: (() => void) | null = null
  #end: { readonly error: unknown } | 'closed' | null = null

  /** @param onLeave called once when the reader cancels the body */
  constructor(limit: number, onLeave: () => void) {
    this.#limit = limit
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pull(),
        cancel: () => {
          this.#texts = []
          this.#end = 'closed'
          this.#controller = null
          this.#wake?.()
          onLeave()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** False when the reader has left, or has fallen too far behind: then the body has failed. */
  write(event: HttpEvent): boolean {
    if (this.#end !== null) return false
    const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    this.#bytes += Buffer.byteLength(text)
    if (this.#bytes > this.#limit && this.#wake === null) {
      this.fail(tooSlow(this.#limit))
      return false
    }
    this.#texts.push(text)
    this.#wake?.()
    return true
  }

  close(): void {
    this.#finish('closed')
  }

  /** What waits for the reader is dropped: as with a broken connection, an error comes at once. */
  fail(error: unknown): void {
    this.#texts = []
    this.#finish({ error })
  }

  #finish(end: { readonly error: unknown } | 'closed'): void {
    if (this.#end !== null) return
    this.#end = end
    if (end !== 'closed') this.#controller?.error(end.error)
    // Without this a reader that has read everything would learn of the end when it asks once more.
    else if (this.#texts.length === 0 && this.#wake === null) this.#controller?.close()
    this.#wake?.()
  }

  async #pull(): Promise<void> {
    if (this.#texts.length === 0 && this.#end === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
    if (this.#texts.length > 0) {
      this.#controller?.enqueue(encoder.encode(this.#texts.join('')))
      this.#texts = []
      this.#bytes = 0
    }
    if (this.#end === 'closed') this.#controller?.close()
  }
}

function tooSlow(limit: number): HoldlineError {
  return new HoldlineError(
    'ERR_SLOW_CONSUMER',
    `More than ${limit} bytes of the answer waited to be read. The turn was cancelled, and the rest of it is not ` +
      'kept. Read the body faster, or raise maxBufferedBytes.',
  )
}

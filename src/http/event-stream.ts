import type { IncomingMessage } from 'node:http'
import { type EventSourceParser, createParser } from 'eventsource-parser'
import { readBody } from './body.ts'
import { brokenExchange, tooLarge } from './errors.ts'
import type { Reach } from './reach.ts'

/** Room for a field's name before its value, as in `data: `. */
const FIELD_NAME = 16

/**
 * The data of each server-sent event (WHATWG HTML, section 9.2), as it came. Reads no faster than it is asked
 * for more, and holds at most `maxBytes` and one chunk of the network's.
 *
 * @throws HttpExchangeError when the connection breaks, or one line or event is larger than `maxBytes`
 */
export async function* readPayloads(
  response: IncomingMessage,
  maxBytes: number,
  reach: Reach,
): AsyncGenerator<string, void> {
  const splitter = new Splitter(maxBytes)
  try {
    for await (const chunk of readBody(response)) {
      yield* splitter.split(chunk)
      if (splitter.overflowed) throw tooLarge('an event', maxBytes, reach)
    }
  } catch (error) {
    throw brokenExchange(error, reach)
  }
  // By the standard an event without a blank line after it is dropped. Some gateways leave the last one out,
  // and a payload that was cut in two is no JSON anyway.
  yield* splitter.split(Buffer.from('\n\n'))
}

class Splitter {
  readonly #decoder = new TextDecoder()
  readonly #parser: EventSourceParser
  readonly #maxBytes: number
  #payloads: string[] = []
  overflowed = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#parser = createParser({
      // In characters, of which there are never more than bytes.
      maxBufferSize: maxBytes + FIELD_NAME,
      onEvent: ({ data }) => this.#take(data),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.overflowed = true
      },
    })
  }

  split(chunk: Buffer): string[] {
    this.#payloads = []
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }))
    return this.#payloads
  }

  #take(payload: string): void {
    if (this.overflowed || payload === '') return
    if (Buffer.byteLength(payload) > this.#maxBytes) this.overflowed = true
    else this.#payloads.push(payload)
  }
}

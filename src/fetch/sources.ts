import { createHash } from 'node:crypto'
import type { RequestBody, RequestTurnOptions, Turn } from '../index.ts'
import { type RequestCredential, credentialOf } from './credential.ts'

/** What turns run on: a `ResponsesConnection`, or anything with the same two methods. */
export interface ResponsesSource {
  request(body: RequestBody, options?: RequestTurnOptions): Turn
  isFor(
    credential: RequestCredential,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<boolean>
  /** `reconnecting` after an attempt that failed: requests need not wait for the next one. Left out: they wait. */
  readonly state?: string
  readonly lastCloseInfo?: { readonly phase: string } | null
  /** Hears of attempts to connect that fail. Left out: they are waited for. */
  on?(type: 'connection.lost', listener: () => void): () => void
}

/**
 * Gives the connection for a key, organization and project; null leaves the request to HTTP. It is asked once for
 * each, and what it gives is closed with the adapter.
 */
export type SourceFor = (
  credential: RequestCredential,
) => (ResponsesSource & AsyncDisposable) | null | Promise<(ResponsesSource & AsyncDisposable) | null>

/** Where the turns of a request go. */
export interface Sources extends AsyncDisposable {
  /** Null: over HTTP. */
  find(headers: Headers, signal: AbortSignal | undefined): Promise<ResponsesSource | null>
}

export function sourcesOf(source: ResponsesSource | SourceFor): Sources {
  return typeof source === 'function' ? new OnePerCredential(source) : new OnlyOwn(source)
}

/** One connection: requests with its own credential. It belongs to whoever made it. */
class OnlyOwn implements Sources {
  readonly #source: ResponsesSource

  constructor(source: ResponsesSource) {
    this.#source = source
  }

  async find(headers: Headers, signal: AbortSignal | undefined): Promise<ResponsesSource | null> {
    return (await this.#source.isFor(credentialOf(headers), { signal })) ? this.#source : null
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class OnePerCredential implements Sources {
  readonly #make: SourceFor
  /** By a digest: a key is not kept. */
  readonly #made = new Map<string, Promise<(ResponsesSource & AsyncDisposable) | null>>()

  constructor(make: SourceFor) {
    this.#make = make
  }

  async find(headers: Headers): Promise<ResponsesSource | null> {
    const credential = credentialOf(headers)
    if (credential.apiKey === null) return null
    const name = createHash('sha256').update(JSON.stringify(credential)).digest('base64')
    let made = this.#made.get(name)
    if (made === undefined) {
      made = Promise.resolve(this.#make(credential))
      this.#made.set(name, made)
      made.catch(() => this.#made.delete(name))
    }
    return made
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = await Promise.allSettled(this.#made.values())
    this.#made.clear()
    const open = made.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []))
    await Promise.allSettled(open.map((one) => one[Symbol.asyncDispose]()))
  }
}

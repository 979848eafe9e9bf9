import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Frame, Wire } from './wire.ts'
import { isObject, textOfFrame } from './wire.ts'

/** Told of everything that goes out. */
type Written = (type: string, bytes: number, text: string) => void

const TERMINAL = /^response\.(completed|incomplete|failed|done)$/

/**
 * One HTTP response as a wire: server-sent events where the request asked for `stream: true`, else one JSON document
 * at the end. An `error` that comes first is answered with its HTTP status, as a refused request is.
 */
export class HttpWire implements Wire {
  readonly kind = 'http'
  readonly #response: ServerResponse
  readonly #stream: boolean
  readonly #clock: Clock
  readonly #written: Written
  readonly #resumes: (() => void)[] = []
  #silent = false
  #ended = false
  #timer: unknown = null

  constructor(response: ServerResponse, stream: boolean, clock: Clock, written: Written) {
    this.#response = response
    this.#stream = stream
    this.#clock = clock
    this.#written = written
  }

  send(frame: Frame): void {
    if (this.#ended) return
    if (frame.type === 'error' && !this.#response.headersSent) return this.#refuse(frame)
    if (this.#stream) return this.#event(frame)
    if (TERMINAL.test(frame.type)) this.#json(200, frame['response'])
    else if (frame.type === 'error') this.#refuse(frame)
  }

  sendText(text: string): void {
    if (this.#stream) this.#write('(no event)', `data: ${text}\n\n`)
  }

  sendBinary(bytes: Uint8Array): void {
    if (this.#stream) this.#write('(binary)', Buffer.from(bytes))
  }

  ready(): boolean {
    return !this.#silent
  }

  whenReady(resume: () => void): void {
    this.#resumes.push(resume)
  }

  /** The response is over, and nothing else went wrong. */
  finish(): void {
    if (this.#ended || this.#silent) return
    this.#end()
    this.#response.end()
  }

  /** HTTP has no close codes: the body ends without a terminal event. */
  close(): void {
    this.finish()
  }

  /** What was written before goes out first. */
  terminate(reset: boolean): void {
    this.#end()
    const { socket } = this.#response
    if (socket === null) return void this.#response.destroy()
    // Node corks what is written until the next tick.
    while (socket.writableCorked > 0) socket.uncork()
    if (reset) socket.resetAndDestroy()
    else socket.destroySoon()
  }

  silence(ms: number | null): void {
    this.#silent = true
    if (ms !== null) this.#timer = this.#clock.setTimeout(() => this.#speak(), ms)
  }

  /** The request was read whole before the response began, so there is nothing left to stop. */
  stopReading(): void {}

  /** The client is gone, or the server closes. */
  drop(): void {
    this.#end()
    this.#response.destroy()
  }

  #speak(): void {
    this.#timer = null
    this.#silent = false
    for (const resume of this.#resumes.splice(0)) resume()
  }

  #event(frame: Frame): void {
    this.#write(frame.type, `event: ${frame.type}\ndata: ${textOfFrame(frame)}\n\n`)
  }

  #write(type: string, data: string | Buffer): void {
    if (this.#ended || this.#silent) return
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    }
    this.#response.write(data)
    this.#written(type, Buffer.byteLength(data), typeof data === 'string' ? data : '')
  }

  #refuse(frame: Frame): void {
    const inner = isObject(frame['error']) ? frame['error'] : {}
    const status = frame['status'] ?? frame['status_code']
    const headers = { ...(inner['headers'] as object), ...(frame['headers'] as object) }
    for (const [name, value] of Object.entries(headers)) {
      if (!this.#response.headersSent) this.#response.setHeader(name, String(value))
    }
    const { code, message, param } = frame
    this.#json(typeof status === 'number' ? status : 500, {
      error: isObject(frame['error']) ? inner : { code, message, param },
    })
  }

  #json(status: number, body: unknown): void {
    const text = JSON.stringify(body)
    this.#end()
    if (!this.#response.headersSent) {
      this.#response.writeHead(status, { 'content-type': 'application/json' })
    }
    this.#response.end(text)
    this.#written(status < 400 ? 'response' : 'error', Buffer.byteLength(text), text)
  }

  #end(): void {
    this.#ended = true
    this.#resumes.length = 0
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }
}

import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { deltaFrame, responseFrames } from './frames.ts'
import { type Behaviour, DROP } from './spec.ts'

interface Create {
  readonly model?: string
  readonly stream_id?: string
}

/** Frames of one write. */
const BATCH = 500

/** Bytes that may wait for a client. */
const MOST_WAITING = 4 * 1024 * 1024

/** One WebSocket of the server. */
export class Talk {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #behaviour: Behaviour
  #waiting: (string | undefined)[] = []
  #answered = 0

  constructor(socket: WebSocket, stream: Socket, behaviour: Behaviour) {
    this.#socket = socket
    this.#stream = stream
    this.#behaviour = behaviour
  }

  take(data: Buffer): void {
    const { model, stream_id: streamId } = JSON.parse(data.toString()) as Create
    if (model === DROP) return this.#socket.terminate()
    this.#waiting.push(streamId)
    if (this.#waiting.length < (this.#behaviour.lanes ?? 1)) return
    const lanes = this.#waiting
    this.#waiting = []
    void this.#answer(lanes)
  }

  async #answer(lanes: readonly (string | undefined)[]): Promise<void> {
    const { frames = 1, bytes = 250, calls = 0 } = this.#behaviour
    this.#answered += 1
    const isCall = calls > 0 && this.#answered % (calls + 1) !== 0
    const answers = lanes.map((lane) => ({
      ...responseFrames(lane, isCall),
      delta: deltaFrame(bytes, lane),
    }))
    // Many frames in one write: a client that has to wait for the next one is measured by how often it wakes up.
    this.#stream.cork()
    for (const { created } of answers) this.#socket.send(created)
    let sent = 0
    for (let frame = 0; frame < frames; frame += 1) {
      for (const { delta } of answers) this.#socket.send(delta)
      sent += answers.length
      if (sent >= BATCH || this.#stream.writableLength > MOST_WAITING) {
        sent = 0
        await this.#drained()
      }
    }
    for (const { done } of answers) for (const frame of done) this.#socket.send(frame)
    this.#stream.uncork()
  }

  /** So much at a time that the client never waits, and the buffer does not grow without end. */
  async #drained(): Promise<void> {
    this.#stream.uncork()
    do await new Promise((resolve) => setImmediate(resolve))
    while (this.#socket.readyState === this.#socket.OPEN && this.#stream.writableLength > MOST_WAITING)
    this.#stream.cork()
  }
}

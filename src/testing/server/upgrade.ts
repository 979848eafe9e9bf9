import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ConnectionFault, UpgradeAnswer } from '../script/types.ts'
import { authorized } from './auth.ts'
import { pathOf } from './http.ts'
import type { World } from './world.ts'

/** What an upgrade that succeeds comes with. */
export interface Admission {
  readonly faults: readonly ConnectionFault[]
  /** Headers to add to the 101. */
  readonly headers: Readonly<Record<string, string>>
}

type Refusal = Extract<UpgradeAnswer, { status: number }>

/** The answers to upgrades, in order: what the script lists, then the natural one. */
export class Upgrades {
  readonly #world: World
  readonly #entries: { answer: UpgradeAnswer; left: number }[] = []
  readonly #timers = new Set<unknown>()
  readonly #keys: () => readonly string[] | null
  #standing: UpgradeAnswer | null = null

  constructor(world: World, answers: readonly UpgradeAnswer[], keys: () => readonly string[] | null) {
    this.#world = world
    this.#keys = keys
    this.add(answers)
  }

  add(answers: readonly UpgradeAnswer[]): void {
    for (const answer of answers) this.#entries.push({ answer, left: answer.times ?? 1 })
  }

  /** Answers every upgrade like this from now on, once the list is used up; null goes back to normal. */
  always(answer: UpgradeAnswer | null): void {
    this.#standing = answer
  }

  /** Forgets the answers that are still listed. */
  clear(): void {
    this.#entries.length = 0
    this.#standing = null
  }

  stop(): void {
    for (const timer of this.#timers) this.#world.clock.clearTimeout(timer)
    this.#timers.clear()
  }

  /** Answers one upgrade; `admit` is called when it is to be accepted. */
  handle(
    request: IncomingMessage,
    stream: Duplex,
    open: number,
    admit: (admission: Admission) => void,
  ): void {
    // A socket without an error listener takes the process down when its client resets it.
    stream.on('error', () => {})
    const answer = this.#natural(request, open) ?? this.#next()
    const delayMs = 'delayMs' in answer ? (answer.delayMs ?? 0) : 0
    const go = (): void => this.#carryOut(answer, stream, admit)
    if (delayMs === 0) return go()
    const timer = this.#world.clock.setTimeout(() => {
      this.#timers.delete(timer)
      if (!stream.destroyed) go()
    }, delayMs)
    this.#timers.add(timer)
  }

  #next(): UpgradeAnswer {
    const [entry] = this.#entries
    if (entry === undefined) return this.#standing ?? { accept: true }
    entry.left -= 1
    if (entry.left === 0) this.#entries.shift()
    return entry.answer
  }

  /** Refusals that no script is needed for. They use up none of the listed answers. */
  #natural(request: IncomingMessage, open: number): Refusal | null {
    if (!pathOf(request).endsWith('/responses')) return { status: 404, body: errorBody('Not found.', null) }
    if (request.method !== 'GET') return { status: 405, body: errorBody('Use GET.', null) }
    if (open >= this.#world.settings.limits.connections) {
      return { status: 503, body: errorBody('Too many connections.', 'server_is_overloaded') }
    }
    if (authorized(request.headers, this.#keys(), this.#world.settings)) return null
    return { status: 401, body: errorBody('Incorrect API key provided.', 'invalid_api_key') }
  }

  #carryOut(answer: UpgradeAnswer, stream: Duplex, admit: (admission: Admission) => void): void {
    if ('status' in answer) return this.#refuse(answer, stream)
    if ('stall' in answer) return this.note(null)
    if ('reset' in answer) {
      this.note(null)
      if ('resetAndDestroy' in stream) (stream as { resetAndDestroy(): void }).resetAndDestroy()
      else stream.destroy()
      return
    }
    admit({ faults: answer.faults ?? [], headers: { ...this.#headers(), ...answer.headers } })
  }

  /** Of every 101. */
  #headers(): Record<string, string> {
    const { handshake, limits } = this.#world.settings
    const limit = { 'x-codex-websocket-max-message-bytes': String(limits.maxFrameBytes) }
    return { ...handshake.headers, ...(handshake.frameLimit && limit) }
  }

  #refuse(answer: Refusal, stream: Duplex): void {
    this.note(answer.status)
    const { body: given = '' } = answer
    const isText = typeof given === 'string'
    const body = isText ? given : JSON.stringify(given)
    const headers = {
      connection: 'close',
      'content-type': isText ? 'text/plain' : 'application/json',
      'content-length': Buffer.byteLength(body),
      ...answer.headers,
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${oneLine(String(value))}`)
    const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? 'Refused'}`
    stream.end([status, ...lines, '', body].join('\r\n'))
  }

  /** Writes down an attempt that led to no connection. */
  note(status: number | null): void {
    this.#world.logs.upgrades.add({ at: this.#world.clock.now(), status, connection: null })
    this.#world.changed()
  }
}

/** A line break in a scripted header would end the header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}

function errorBody(message: string, code: string | null): Record<string, unknown> {
  return { error: { message, type: 'invalid_request_error', code, param: null } }
}

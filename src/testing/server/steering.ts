import type { Ids } from './ids.ts'
import { pendingCalls } from './pairing.ts'
import { itemsOf } from './request.ts'
import type { Run } from './run.ts'
import type { Outcome } from './run-context.ts'
import type { Settings } from './settings.ts'
import type { Frame, Item } from './wire.ts'
import { isObject, stringField } from './wire.ts'

/** One accepted `response.steer`. */
export interface Steer {
  readonly id: string
  readonly target: Run
  /** As the client sent it; given back when it fails. */
  readonly input: unknown
  readonly items: readonly Item[]
}

const messages: Readonly<Record<string, string>> = {
  response_not_found: 'The response to steer is not known on this connection.',
  invalid_input:
    'A steer has "type", "previous_response_id" and "input" (text or user messages), and nothing else.',
  steering_not_supported: 'This response cannot be steered.',
  too_many_pending_steers: 'Too many steers wait for this response.',
  response_already_completed: 'The response has already completed.',
  response_not_active: 'The response takes no more input.',
  successor_creation_failed: 'The input was accepted, but no response could be started with it.',
}

/** A response that runs. */
interface Running {
  readonly run: Run
  readonly steers: Steer[]
  /** The steers that it was started with. */
  readonly from: Steer[]
}

/**
 * Input for a response that already runs (Steering guide). An accepted steer is queued until the response stops at an
 * output item, or ends; its commit point is `response.created` of the next response.
 */
export class Steering {
  readonly #settings: Settings['steering']
  readonly #ids: Ids
  readonly #send: (frame: Frame) => void
  readonly #running = new Map<string, Running>()
  /** Steers that wait for the client's tool outputs, by the id of the response that asked for them. */
  readonly #waiting = new Map<string, Steer[]>()

  constructor(settings: Settings['steering'], ids: Ids, send: (frame: Frame) => void) {
    this.#settings = settings
    this.#ids = ids
    this.#send = send
  }

  /** A response starts: from now on it can be steered. `from`: the steers that it is a successor for. */
  open(run: Run, from: readonly Steer[] = []): void {
    this.#running.set(run.id, { run, steers: [], from: [...from] })
  }

  /** One `response.steer`, answered at once with `accepted` or `failed`. */
  receive(event: Readonly<Record<string, unknown>>, finished: ReadonlyMap<string, Outcome>): void {
    const { previous_response_id: id, input } = event
    const target = typeof id === 'string' ? this.#running.get(id) : undefined
    const code = this.#problem(event, target, finished)
    if (code !== null || target === undefined) {
      const steer = { previous_response_id: id ?? null, input: input ?? null }
      return this.#fail(code ?? 'response_not_found', steer, target?.run ?? null)
    }
    const steer = { id: this.#ids.next('steer'), target: target.run, input, items: itemsOf(input) }
    target.steers.push(steer)
    target.run.write({ type: 'response.steer.accepted', steer: named(steer) })
  }

  /** After an output item: whether the response stops here. One with open tool calls goes on to its end. */
  interrupts(id: string, output: readonly Item[]): boolean {
    const steers = this.#running.get(id)?.steers ?? []
    return this.#settings.path === 'interrupt' && steers.length > 0 && pendingCalls(output).length === 0
  }

  /**
   * A response has ended.
   *
   * @param next the next create of its lane, when one waits
   * @returns the steers that a successor is to be started with now, or null
   */
  settle(run: Run, outcome: Outcome, next: Readonly<Record<string, unknown>> | undefined): Steer[] | null {
    const steers = this.#running.get(run.id)?.steers ?? []
    this.#running.delete(run.id)
    if (steers.length === 0 || outcome === 'dropped') return null
    const continues = outcome === 'completed' || outcome === 'incomplete'
    if (!continues || this.#settings.successorFails) {
      this.fail(steers)
      return null
    }
    const stubs = pendingCalls(run.output).map((call) => call.stub)
    if (stubs.length === 0) return steers
    this.#waiting.set(run.id, steers)
    if (next?.['previous_response_id'] !== run.id) this.#announce(steers, stubs)
    return null
  }

  /** Takes the steers that were kept for the create that answers a response's tool calls, on the same lane. */
  waitingFor(id: string, lane: string | null): Steer[] {
    const steers = this.#waiting.get(id) ?? []
    if (steers[0]?.target.request.lane !== lane) return []
    this.#waiting.delete(id)
    return steers
  }

  /** Accepted, but the response that was to take it could not be started. */
  fail(steers: readonly Steer[]): void {
    for (const steer of steers) {
      this.#fail('successor_creation_failed', { ...named(steer), input: steer.input }, steer.target)
    }
  }

  /** Of the steers that a response holds, or was started with and has not named itself since, the oldest fails. */
  failOldest(run: Run, isNamed: boolean): void {
    const { steers = [], from = [] } = this.#running.get(run.id) ?? {}
    const steer = steers.shift() ?? (isNamed ? undefined : from.shift())
    if (steer === undefined) return
    this.fail([steer])
    if (steer.target !== run && from.length === 0) run.stop()
  }

  #announce(steers: readonly Steer[], stubs: readonly Item[]): void {
    for (const steer of steers) {
      const reason = 'waiting_for_required_input'
      steer.target.write({
        type: 'response.steer.pending',
        steer: named(steer),
        reason,
        required_input: stubs,
      })
    }
  }

  #problem(
    event: Readonly<Record<string, unknown>>,
    target: { run: Run; steers: Steer[] } | undefined,
    finished: ReadonlyMap<string, Outcome>,
  ): string | null {
    const id = stringField(event, 'previous_response_id')
    if (id === undefined || Object.keys(event).length !== 3 || !isSteerInput(event['input']))
      return 'invalid_input'
    if (target === undefined) {
      const outcome = finished.get(id)
      if (outcome === undefined) return 'response_not_found'
      return outcome === 'completed' ? 'response_already_completed' : 'response_not_active'
    }
    if (this.#settings.failWith !== null) return this.#settings.failWith
    if (!this.#supports(target.run)) return 'steering_not_supported'
    return target.steers.length >= this.#settings.maxPending ? 'too_many_pending_steers' : null
  }

  #supports(run: Run): boolean {
    const { model, body, warmup } = run.request
    const { models } = this.#settings
    const excluded = (body['conversation'] ?? null) !== null || (body['context_management'] ?? null) !== null
    return !warmup && !excluded && (models.includes('*') || models.includes(model))
  }

  #fail(code: string, steer: Readonly<Record<string, unknown>>, run: Run | null): void {
    const message = messages[code] ?? 'The steer was refused.'
    const error = { code, message, type: 'invalid_request_error' }
    const frame = { type: 'response.steer.failed', steer, error }
    if (run === null) this.#send({ ...frame, sequence_number: 0 })
    else run.write(frame)
  }
}

function named(steer: Steer): { id: string; previous_response_id: string } {
  return { id: steer.id, previous_response_id: steer.target.id }
}

const MESSAGE_KEYS = new Set(['type', 'role', 'content'])
const PART_TYPES = new Set(['input_text', 'input_image', 'input_file'])

function isSteerInput(input: unknown): boolean {
  if (typeof input === 'string') return input.length > 0
  return Array.isArray(input) && input.length > 0 && input.every((message) => isUserMessage(message))
}

function isUserMessage(message: unknown): boolean {
  if (!isObject(message) || message['role'] !== 'user') return false
  if ((message['type'] ?? 'message') !== 'message') return false
  if (Object.keys(message).some((key) => !MESSAGE_KEYS.has(key))) return false
  const { content } = message as { content?: unknown }
  if (typeof content === 'string') return content.length > 0
  return Array.isArray(content) && content.every((part) => PART_TYPES.has(stringField(part, 'type') ?? ''))
}

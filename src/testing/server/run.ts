import type { ErrorFrame, FaultPoint, OutputItem, TurnFault } from '../script/types.ts'
import { GivenByHand } from './by-hand.ts'
import { errorFrameOf } from './error-frames.ts'
import { aside, hangUp } from './faults.ts'
import { type StoredResponse, chainOf } from './memory.ts'
import { outputOf, planItem } from './output.ts'
import type { ModelRequest } from './request.ts'
import { ResponseObject } from './response.ts'
import type { Outcome, RunContext } from './run-context.ts'
import type { Frame, Item } from './wire.ts'
import { isObject } from './wire.ts'

/** Ends the steps from any depth; caught at their top only. */
class Ended extends Error {}

/** What a suspended run waits for: so many ms, the end of a silence, or a test that ends it. */
type Wait = number | 'silence' | 'hand'

/**
 * One response on its way out. Its steps are a generator that yields where it has to wait, so that nothing but one
 * timer is left of a run that waits, and nothing at all of one that was stopped.
 */
export class Run {
  readonly id: string
  /** The id that its last event had. */
  shownId: string
  readonly request: ModelRequest
  /** Finished output items. */
  readonly output: Item[] = []
  /** A test ended it as one that was steered: a successor follows, whoever steered. */
  isSteeredByHand = false
  readonly #context: RunContext
  readonly #response: ResponseObject
  readonly #steps: Generator<Wait, void>
  #timer: unknown = null
  #sequence = 0
  #deltas = 0
  #outcome: Outcome | null = null
  #released = false
  #stopped = false
  #created = true
  #emptyOutput = false
  #doneDialect = false
  #given: GivenByHand | null = null
  /** As the terminal event shows it. */
  #ending: Item = {}

  constructor(context: RunContext) {
    this.#context = context
    this.request = context.request
    this.id = context.ids.next('resp')
    this.shownId = this.id
    this.#response = new ResponseObject(this.id, context.request, context.clock.now())
    this.#steps = this.#run()
  }

  start(): void {
    this.#resume()
  }

  /** What can be continued, or asked for, once it has ended. */
  remembered(): StoredResponse {
    const { shownId: id, output, request } = this
    return {
      id,
      model: request.model,
      items: chainOf(request.context, output),
      output: [...output],
      stored: request.store,
      response: this.#ending,
      input: request.input.map((item, index) => ({ id: `${id}_in_${index}`, ...item })),
    }
  }

  /** Ends the run where it is, because its connection is gone. Sends nothing. */
  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) this.#context.clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#settle('dropped')
    this.#release()
  }

  /** Writes an event that belongs to this response but not to its script. Also after the terminal event. */
  write(frame: Frame): void {
    const { type, ...fields } = this.#named(frame)
    const lane = this.request.lane
    const routing = lane === null ? {} : { stream_id: lane }
    this.#context.wire.send({ type, sequence_number: this.#sequence, ...routing, ...fields })
    this.#sequence += 1
  }

  #named(frame: Frame): Frame {
    const { responseId } = this.#context
    const { response } = frame
    if (responseId === null || !isObject(response) || response['id'] !== this.id) return frame
    this.shownId = responseId()
    return { ...frame, response: { ...response, id: this.shownId } }
  }

  #resume(): void {
    this.#timer = null
    if (this.#stopped) return
    const { done, value } = this.#next()
    if (this.#outcome !== null) this.#release()
    if (done === true) this.#context.finished?.()
    if (done === true || this.#stopped) return
    if (value === 'hand') return
    if (value === 'silence') this.#context.wire.whenReady(() => this.#resume())
    else if (value !== undefined) this.#timer = this.#context.clock.setTimeout(() => this.#resume(), value)
  }

  /** A fault of the server's own must not throw out of a timer; the client sees 1011. */
  #next(): IteratorResult<Wait, void> {
    try {
      return this.#steps.next()
    } catch {
      this.#context.wire.close(1011, 'the test server failed')
      this.#settle('dropped')
      return { done: true, value: undefined }
    }
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== null) return
    this.#outcome = outcome
    if (this.#given !== null) this.#context.byHand.delete(this.#given)
    this.#context.settled(outcome)
  }

  #release(): void {
    if (this.#released || this.#outcome === null) return
    this.#released = true
    this.#context.released(this.#outcome)
  }

  *#run(): Generator<Wait, void> {
    try {
      if (this.request.warmup) yield* this.#warmup()
      else yield* this.#respond()
    } catch (end) {
      if (!(end instanceof Ended)) throw end
    }
  }

  *#warmup(): Generator<Wait, void> {
    yield* this.#point('request')
    if (this.#context.turn.byHand === true) return yield* this.#giveByHand()
    if (this.#context.turn.error !== undefined) yield* this.#error(this.#context.turn.error)
    if (this.#context.warmupCreated) {
      yield* this.#emit({ type: 'response.created', response: this.#response.started() })
      yield* this.#point('created')
    }
    yield* this.#terminal()
  }

  *#respond(): Generator<Wait, void> {
    const { turn } = this.#context
    const planned = this.#planned()
    yield* this.#point('request')
    if (turn.byHand === true) return yield* this.#giveByHand()
    if (turn.error !== undefined && planned.length === 0) yield* this.#error(turn.error)
    if (this.#created) yield* this.#emit({ type: 'response.created', response: this.#response.started() })
    yield* this.#point('created')
    yield* this.#emit({ type: 'response.in_progress', response: this.#response.started() })
    yield* this.#point('in-progress')
    for (const [index, output] of planned.entries()) {
      const { item, events } = planItem(output, this.#context.ids, turn.chunk)
      for (const event of events) {
        const { type, ...fields } = event.frame
        if (type === 'response.output_item.done') this.output.push(item)
        yield* this.#emit({ type, output_index: index, ...fields })
        if (event.isDelta) yield* this.#point('delta', (this.#deltas += 1))
      }
      yield* this.#point('item', index + 1)
      if (this.#context.interrupted(this.output)) yield* this.#end('incomplete', 'steered')
    }
    if (turn.error !== undefined) yield* this.#error(turn.error)
    yield* this.#terminal()
  }

  /** What was over the threshold is compacted before anything else is made. */
  #planned(): OutputItem[] {
    const planned = outputOf(this.#context.turn)
    return this.request.compaction === 'over-threshold' ? [{ type: 'compaction' }, ...planned] : planned
  }

  /** Stays where it is; what comes of the response is for the test to say. */
  *#giveByHand(): Generator<Wait, void> {
    const over = (outcome: Outcome): void => {
      this.#settle(outcome)
      this.#release()
      this.#context.finished?.()
    }
    this.#given = new GivenByHand({
      run: this,
      ids: this.#context.ids,
      isRunning: () => this.#outcome === null,
      started: () => this.#response.started(),
      failSteer: (isNamed) => this.#context.failSteer?.(isNamed),
      end: (outcome, code) => {
        this.isSteeredByHand = outcome === 'incomplete' && code === 'steered'
        this.write(this.#terminalFrame(outcome, code))
        over(outcome)
      },
      error: (error) => {
        this.#writeError(error)
        over('error')
      },
    })
    this.#context.byHand.add(this.#given)
    yield 'hand'
  }

  *#terminal(): Generator<Wait, void> {
    const { turn } = this.#context
    if (turn.failed !== undefined) yield* this.#end('failed')
    else if (turn.incomplete !== undefined)
      yield* this.#end('incomplete', turn.incomplete.reason ?? 'max_output_tokens')
    else yield* this.#end('completed')
  }

  *#end(outcome: 'completed' | 'incomplete' | 'failed', reason: string = ''): Generator<Wait, void> {
    yield* this.#point('before-terminal')
    yield* this.#emit(this.#terminalFrame(outcome, reason))
    this.#settle(outcome)
    yield* this.#point('after-terminal')
    throw new Ended()
  }

  #terminalFrame(outcome: 'completed' | 'incomplete' | 'failed', reason: string = ''): Frame {
    const type = this.#doneDialect ? 'response.done' : `response.${outcome}`
    this.#ending = this.#endOf(outcome, reason)
    return { type, response: this.#emptyOutput ? { ...this.#ending, output: [] } : this.#ending }
  }

  #endOf(outcome: 'completed' | 'incomplete' | 'failed', reason: string): Item {
    const { output } = this
    if (outcome === 'completed') return this.#response.completed(output, this.#context.clock.now())
    if (outcome === 'incomplete') return this.#response.incomplete(output, reason)
    const { code = 'server_error', message = 'The response failed.' } = this.#context.turn.failed ?? {}
    return this.#response.failed(output, { code: reason || code, message })
  }

  *#error(error: ErrorFrame): Generator<Wait, void> {
    yield* this.#pause()
    this.#writeError(error)
    // An error that strikes after the terminal event is itself no terminal event, and must not strike again.
    const first = this.#outcome === null
    this.#settle('error')
    if (first) yield* this.#point('after-terminal')
    throw new Ended()
  }

  #writeError(error: ErrorFrame): void {
    const frame = errorFrameOf(error, this.#context.errors)
    // Only an error inside a stream counts in that stream's sequence.
    if (this.#sequence > 0 || !('error' in frame)) return this.write(frame)
    const lane = this.request.lane
    this.#context.wire.send(lane === null ? frame : { ...frame, stream_id: lane })
  }

  *#emit(frame: Frame): Generator<Wait, void> {
    yield* this.#pause()
    this.write(frame)
  }

  /** Waits until the next event may go out. */
  *#pause(): Generator<Wait, void> {
    const { turn, wire } = this.#context
    if (this.#sequence > 0 && turn.delayMs !== undefined && turn.delayMs > 0) yield turn.delayMs
    while (!wire.ready()) yield 'silence'
  }

  *#point(at: FaultPoint, nth: number = 1): Generator<Wait, void> {
    for (const fault of this.#context.turn.faults ?? []) {
      if (fault.at === at && (fault.nth ?? 1) === nth) yield* this.#fault(fault)
    }
  }

  *#fault(fault: TurnFault): Generator<Wait, void> {
    const { wire } = this.#context
    switch (fault.do) {
      case 'delay':
        yield fault.ms
        break
      case 'close':
      case 'terminate':
        hangUp(fault, wire)
        this.#settle('dropped')
        throw new Ended()
      case 'error':
        yield* this.#error(fault.error ?? {})
        break
      case 'double-terminal':
        yield* this.#doubleTerminal(fault.error ?? {}, fault.lateMs ?? 0)
        break
      case 'sequence-gap':
        this.#sequence += fault.by ?? 1
        break
      case 'omit-created':
        this.#created = false
        break
      case 'empty-output':
        this.#emptyOutput = true
        break
      case 'done-dialect':
        this.#doneDialect = true
        break
      default:
        aside(fault, wire, (frame) => this.write(frame), this.#context.staleId)
    }
  }

  /** As seen when a backend sheds load: `error`, and later a `response.failed` for the same response. */
  *#doubleTerminal(error: ErrorFrame, lateMs: number): Generator<Wait, void> {
    yield* this.#pause()
    this.#writeError(error)
    this.#settle('error')
    if (lateMs > 0) yield lateMs
    this.write(this.#terminalFrame('failed'))
    throw new Ended()
  }
}

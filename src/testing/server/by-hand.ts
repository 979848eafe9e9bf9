import type { ErrorFrame, OutputItem } from '../script/types.ts'
import type { Ids } from './ids.ts'
import { planItem } from './output.ts'
import type { ModelRequest } from './request.ts'
import type { Frame, Item } from './wire.ts'

/** What more a terminal event says. */
export interface EndByHand {
  readonly code?: string | undefined
  /** Output that no event has shown before. Default: none. */
  readonly output?: readonly OutputItem[] | undefined
}

/**
 * A response that nobody but a test gives: one whose turn in the script is `byHand`. Every call is one event on the
 * wire. Those that only a running response has do nothing after its end.
 */
export interface TurnByHand {
  readonly responseId: string
  /** The lane's name, null for the default lane. */
  readonly lane: string | null
  /** See `turnKey`. */
  readonly turnKey: string
  readonly warmup: boolean
  /** All that it is given from: what it continues, steers that go before the input, and the input. */
  readonly context: readonly Item[]
  /** True until it has ended, or its connection has. */
  readonly isRunning: boolean
  /** `response.created`. */
  created(): void
  /** `response.output_text.delta` with one piece of text, and nothing around it. */
  delta(text?: string): void
  /** `response.output_item.done` with a whole item, which the terminal event then holds as well. */
  item(output: OutputItem): void
  /**
   * The terminal event. `code` is `response.error.code` (default `server_error`), or the reason of an incomplete
   * response (default `max_output_tokens`). After `incomplete` with `steered` the server starts a successor, which is
   * by hand as well where the script says so.
   */
  end(outcome: 'completed' | 'incomplete' | 'failed', more?: EndByHand): void
  /** An `error` frame, which ends it as well. */
  error(error: ErrorFrame): void
  /**
   * `response.steer.failed` for the oldest steer that is not applied yet: one that this response has taken, or that
   * it was to start from. A successor with nothing left to start from is no more.
   */
  failSteer(): void
  /** Any event, with the response's sequence and lane. Also after its end. */
  write(event: Frame): void
}

type EndOutcome = Parameters<TurnByHand['end']>[0]

/** What such a response needs of its run. */
interface Giver {
  readonly run: {
    readonly id: string
    readonly request: ModelRequest
    readonly output: Item[]
    write(frame: Frame): void
  }
  readonly ids: Ids
  readonly isRunning: () => boolean
  /** The response as it is while it runs. */
  readonly started: () => Item
  readonly failSteer: (isNamed: boolean) => void
  readonly end: (outcome: EndOutcome, code: string | undefined) => void
  readonly error: TurnByHand['error']
}

export class GivenByHand implements TurnByHand {
  readonly responseId: string
  readonly lane: string | null
  readonly turnKey: string
  readonly warmup: boolean
  readonly context: readonly Item[]
  readonly #giver: Giver
  #isNamed = false

  constructor(giver: Giver) {
    const { id, request } = giver.run
    this.responseId = id
    this.lane = request.lane
    this.turnKey = request.turnKey
    this.warmup = request.warmup
    this.context = request.context
    this.#giver = giver
  }

  get isRunning(): boolean {
    return this.#giver.isRunning()
  }

  created(): void {
    this.#give(() => ({ type: 'response.created', response: this.#giver.started() }))
    this.#isNamed = true
  }

  delta(text: string = 'some text'): void {
    this.#give(() => {
      const at = { item_id: `${this.responseId}-text`, output_index: 0, content_index: 0 }
      return { type: 'response.output_text.delta', ...at, delta: text, logprobs: [] }
    })
  }

  item(output: OutputItem): void {
    this.#give(() => {
      const item = this.#add(output)
      return { type: 'response.output_item.done', output_index: this.#giver.run.output.length - 1, item }
    })
  }

  end(outcome: EndOutcome, { code, output = [] }: EndByHand = {}): void {
    if (!this.isRunning) return
    for (const one of output) this.#add(one)
    this.#giver.end(outcome, code ?? (outcome === 'incomplete' ? 'max_output_tokens' : undefined))
  }

  error(error: ErrorFrame): void {
    if (this.isRunning) this.#giver.error(error)
  }

  failSteer(): void {
    if (this.isRunning) this.#giver.failSteer(this.#isNamed)
  }

  write(event: Frame): void {
    this.#giver.run.write(event)
  }

  #add(output: OutputItem): Item {
    const { run, ids } = this.#giver
    const { item } = planItem(output, ids, undefined)
    run.output.push(item)
    return item
  }

  #give(event: () => Frame): void {
    if (this.isRunning) this.write(event())
  }
}

import { type AnyEventObject, type InspectionEvent, createActor, fromCallback } from 'xstate'
import { type TurnChart, turnChart } from '../../../machines/index.ts'
import type { TurnEvent } from '../../../machines/turn/types.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import type { TurnModelOptions, TurnStep, TurnView } from '../model/turn-steps.ts'
import { ResponseNames } from './response-names.ts'

/** A turn chart alone, on a simulated clock of its own, with a parent that only listens. */
export class TurnSubject {
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  readonly actor
  readonly #told: AnyEventObject[] = []
  readonly #names = new ResponseNames()

  constructor(
    { policy = 'safe', firstEventMs = 90_000, interEventMs = 900_000 }: TurnModelOptions = {},
    chart: TurnChart = turnChart,
    inspect?: (event: InspectionEvent) => void,
  ) {
    const parent = createActor(
      fromCallback(({ receive }) => receive((event) => this.#told.push(event))),
      { clock: this.clock },
    ).start()
    const limits = { firstEventMs: firstEventMs || null, interEventMs: interEventMs || null }
    const input = { parent, turnId: 'turn-1', policy, limits }
    this.actor = createActor(chart, { clock: this.clock, input, ...(inspect && { inspect }) })
    this.clock.watch(this.actor)
    // Without an observer an error of a mutant would be an uncaught exception.
    this.actor.subscribe({ error: () => {} })
    this.actor.start()
  }

  view(): TurnView {
    const { value, context, output } = this.actor.getSnapshot()
    const { progress, outcome, fault, code, responseId } = context
    return {
      outcome,
      fault,
      code,
      responseId,
      requeued: this.#told.flatMap((event) =>
        event.type === 'turn.requeued' ? [event['reason'] as string] : [],
      ),
      asked: this.#told.flatMap((event) =>
        event.type === 'turn.ready' ? [event['reason'] as string | null] : [],
      ),
      listened: this.#told.filter(({ type }) => type === 'turn.listening').length,
      state: typeof value === 'string' ? value : String(Object.keys(value)[0]),
      progress,
      leavesTail: output?.leavesTail ?? null,
      resendIsSafe: output?.resendIsSafe ?? null,
    }
  }

  complaints(): string[] {
    const { status, error } = this.actor.getSnapshot()
    return status === 'error' ? [`the chart failed: ${String(error)}`] : []
  }

  async take(step: TurnStep): Promise<void> {
    if (step.do === 'next') await this.clock.next()
    else if (step.do === 'wait') await this.clock.advance(step.ms)
    // Whoever owns a turn lets go of it when it is done.
    else if (this.actor.getSnapshot().status === 'active') this.#send(step)
  }

  #send(step: Exclude<TurnStep, { do: 'wait' | 'next' }>): void {
    if (step.do === 'steer closed' && this.actor.getSnapshot().context.openSteers === 0) return
    this.actor.send(turnEventOf(step, this.#names.nameIn(step)))
  }

  async stop(): Promise<void> {
    this.actor.stop()
  }

  /** What tells one place of a turn from another. */
  key(): string {
    const { value, context } = this.actor.getSnapshot()
    const { resends, openSteers } = context
    const due = this.clock.pending().map(({ event }) => event)
    // Guards ask whether a steer is the last one; how many more there are makes no difference.
    return JSON.stringify([value, Object.keys(resends).toSorted(), Math.min(openSteers, 2), due])
  }
}

/** What a turn's chart is told of a step. */
export function turnEventOf(step: Exclude<TurnStep, { do: 'wait' | 'next' }>, responseId: string): TurnEvent {
  switch (step.do) {
    case 'dispatch':
      return { type: 'turn.dispatched' }
    case 'undeliverable':
      return {
        type: 'turn.undeliverable',
        code: 'ERR_FRAME_TOO_LARGE',
      }
    case 'heard':
      return { type: 'turn.heard' }
    case 'created':
      return { type: 'turn.created', responseId }
    case 'output':
      return { type: 'turn.output' }
    case 'ended': {
      const { end, code = null, waits = false } = step
      const rest = { responseId, code, waitsForClient: waits, stored: false, outputItems: 1 }
      return { type: 'turn.ended', outcome: end, ...rest }
    }
    case 'errored': {
      const { code, status, retryAfterMs = null } = step
      return { type: 'turn.errored', refusal: { code, status, errorType: null, param: null }, retryAfterMs }
    }
    case 'cut':
      return { type: 'turn.cut', closeInfo: null }
    case 'faulted':
      return { type: 'turn.faulted', code: 'ERR_BAD_FRAME' }
    case 'steer accepted':
      return { type: 'turn.steerAccepted' }
    case 'steer closed':
      return { type: 'turn.steerClosed' }
    case 'cancel':
      return { type: 'cancel' }
  }
}

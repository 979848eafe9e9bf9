import { type InspectionEvent, createActor } from 'xstate'
import { type SteerEvent, steerChart } from '../../../machines/steer/chart.ts'
import { STEER_ID, STEER_TARGET, type SteerStep, type SteerView } from '../model/steer-model.ts'

/** A steer chart alone. */
export class SteerSubject {
  readonly actor

  constructor(chart: typeof steerChart = steerChart, inspect?: (event: InspectionEvent) => void) {
    const input = { targetId: STEER_TARGET }
    this.actor = createActor(chart, { input, ...(inspect && { inspect }) })
    // Without an observer an error of a mutant would be an uncaught exception.
    this.actor.subscribe({ error: () => {} })
    this.actor.start()
  }

  view(): SteerView {
    const { value, context, output } = this.actor.getSnapshot()
    return { ...context, state: value, outcome: output?.outcome ?? null }
  }

  complaints(): string[] {
    const { status, error } = this.actor.getSnapshot()
    return status === 'error' ? [`the chart failed: ${String(error)}`] : []
  }

  async take(step: SteerStep): Promise<void> {
    if (this.actor.getSnapshot().status === 'active') this.actor.send(eventOf(step))
  }

  async stop(): Promise<void> {
    this.actor.stop()
  }

  /** What tells one place of a steer from another. */
  key(): string {
    return this.actor.getSnapshot().value
  }
}

function eventOf(step: SteerStep): SteerEvent {
  switch (step.do) {
    case 'accepted':
    case 'pending':
      return { type: `steer.${step.do}`, steerId: STEER_ID }
    case 'failed':
      return { type: 'steer.failed', steerId: step.unnamed === true ? null : STEER_ID, code: step.code }
    case 'committed':
    case 'cut':
      return { type: `steer.${step.do}` }
  }
}

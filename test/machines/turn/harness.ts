import { type AnyEventObject, type SnapshotFrom, createActor, fromCallback } from 'xstate'
import { turnChart } from '../../../machines/turn/chart.ts'
import type { TurnRefusal } from '../../../machines/turn/refusal-verdict.ts'
import type { ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { TurnEvent, TurnLimits, TurnResult } from '../../../machines/turn/types.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'

export const refusal = (code: string | null, status: number | null = 400): TurnRefusal => ({
  code,
  status,
  errorType: null,
  param: null,
})

/** A turn on its own: the parent is a recorder. */
export function turnUnderTest(policy: ReplayPolicy = 'safe', limits: Partial<TurnLimits> = {}) {
  const told: AnyEventObject[] = []
  const clock = new SimulatedClock({ settle: async () => {} })
  const parent = createActor(
    fromCallback(({ receive }) => receive((event) => told.push(event))),
    { clock },
  ).start()
  const actor = createActor(turnChart, {
    clock,
    input: {
      parent,
      turnId: 'turn-1',
      policy,
      limits: { firstEventMs: 90_000, interEventMs: 900_000, ...limits },
    },
  })
  actor.start()
  return {
    actor,
    clock,
    told,
    /** XState warns of events for an actor that is done; whoever owns a turn lets go of it then. */
    send(...events: TurnEvent[]): void {
      for (const event of events) if (actor.getSnapshot().status === 'active') actor.send(event)
    },
    get name(): string {
      const { value } = actor.getSnapshot() as SnapshotFrom<typeof turnChart>
      return typeof value === 'string' ? value : String(Object.keys(value)[0])
    },
    get result(): TurnResult | undefined {
      return actor.getSnapshot().output
    },
    /** How often it asked to be sent, with the reasons. */
    get ready(): unknown[] {
      return told.filter(({ type }) => type === 'turn.ready').map((event) => event['reason'])
    },
  }
}

export const dispatched: TurnEvent = { type: 'turn.dispatched' }
export const created: TurnEvent = { type: 'turn.created', responseId: 'resp_1' }
export const output: TurnEvent = { type: 'turn.output' }
export const cut: TurnEvent = { type: 'turn.cut', closeInfo: null }
export const ended = (
  outcome: 'completed' | 'incomplete' | 'failed',
  more: { code?: string; waitsForClient?: boolean; responseId?: string } = {},
): TurnEvent => ({
  type: 'turn.ended',
  outcome,
  responseId: more.responseId ?? 'resp_1',
  code: more.code ?? null,
  waitsForClient: more.waitsForClient ?? false,
  stored: false,
  outputItems: 1,
})
export const errored = (
  code: string | null,
  status = 400,
  retryAfterMs: number | null = null,
): TurnEvent => ({
  type: 'turn.errored',
  refusal: refusal(code, status),
  retryAfterMs,
})

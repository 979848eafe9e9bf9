import { type AnyEventObject, createActor, fromCallback } from 'xstate'
import { conversationChart } from '../../../machines/conversation/chart.ts'
import type { ConversationInput } from '../../../machines/conversation/types.ts'
import type { TurnEvent } from '../../../machines/turn/types.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'

/** A conversation whose line is a recorder: lanes are granted by the test. */
export function conversationUnderTest(input: Partial<ConversationInput> = {}) {
  const clock = new SimulatedClock({ settle: async () => {} })
  const asked: AnyEventObject[] = []
  const line = createActor(
    fromCallback<AnyEventObject>(({ receive }) => receive((event) => void asked.push(event))),
    { clock },
  ).start()
  const actor = createActor(conversationChart, {
    clock,
    input: {
      line,
      conversationId: 'one',
      wantedLane: null,
      policy: 'safe',
      limits: { firstEventMs: 90_000, interEventMs: 900_000 },
      primes: true,
      chain: null,
      ...input,
    },
  })
  const emitted: AnyEventObject[] = []
  actor.on('*', (event) => void emitted.push(event))
  actor.start()
  let turns = 0
  const begin = (type: 'respond' | 'prime', length: number, model: string, taken = 0): void => {
    turns += 1
    actor.send({ type, turnId: `turn-${turns}`, length, model, taken })
  }
  return {
    actor,
    clock,
    asked,
    emitted,
    responds: (length = 1, model = 's', taken = 0) => begin('respond', length, model, taken),
    primes: (length = 1, model = 's') => begin('prime', length, model),
    isGranted(connectionKey = 'connection-1.1', lane: string | null = null, laneSerial = 0): void {
      actor.send({ type: 'lane.granted', connectionKey, lane, laneSerial })
    },
    tell(...events: TurnEvent[]): void {
      for (const event of events) {
        const turn = actor.getSnapshot().children['turn']
        if (turn?.getSnapshot().status === 'active') turn.send(event as never)
      }
    },
    /** What the line was asked, without what it does not matter of. */
    get requests(): string[] {
      return asked.map(({ type }) => type as string)
    },
    of: (type: string) => emitted.filter((event) => event.type === type),
    get plan(): unknown {
      return emitted.findLast(({ type }) => type === 'turn.planned')?.['plan']
    },
    get result(): AnyEventObject {
      return emitted.findLast(({ type }) => type === 'turn.settled')?.['result'] as AnyEventObject
    },
    get state(): unknown {
      return actor.getSnapshot().value
    },
    get chain() {
      return actor.getSnapshot().context.chain
    },
  }
}

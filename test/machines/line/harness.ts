import { type AnyEventObject, createActor, fromCallback } from 'xstate'
import {
  type ConnectionInput,
  type SocketCommand,
  type SocketInput,
  connectionChart,
} from '../../../machines/index.ts'
import { lineChart } from '../../../machines/line/chart.ts'
import type { LineInput } from '../../../machines/line/types.ts'
import type { LaneGranted } from '../../../machines/line/lane-news.ts'
import { openai } from '../../../src/protocol/providers.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import { FakeSocket } from '../connection/harness.ts'

/** Someone who asks for lanes, and what he was told. */
export class Asker {
  readonly id: string
  readonly told: AnyEventObject[] = []
  readonly actor = createActor(
    fromCallback<AnyEventObject>(({ receive }) => receive((event) => void this.told.push(event))),
  ).start()

  constructor(id: string) {
    this.id = id
  }

  get grants(): LaneGranted[] {
    return this.told.filter((event) => event.type === 'lane.granted') as unknown as LaneGranted[]
  }

  get grant(): LaneGranted {
    const last = this.grants.at(-1)
    if (last === undefined) throw new Error(`${this.id} was granted no lane`)
    return last
  }

  heard(type: string): AnyEventObject[] {
    return this.told.filter((event) => event.type === type)
  }
}

/** The line chart with real connection charts on fake sockets, and a simulated clock. */
export function lineUnderTest(
  connection: Partial<ConnectionInput> = {},
  limits: typeof openai.lanes = openai.lanes,
  more: Partial<LineInput> = {},
) {
  const sockets: (FakeSocket & { owner?: string })[] = []
  const clock = new SimulatedClock({ settle: async () => {} })
  const socket = fromCallback<SocketCommand, SocketInput>(({ input, sendBack, receive }) => {
    const fake = new FakeSocket(input, clock.now(), sendBack)
    sockets.push(Object.assign(fake, { owner: input.owner.id }))
    receive((command) => void fake.commands.push(command))
    return () => {
      fake.live = false
    }
  })
  const actor = createActor(
    lineChart.provide({ actors: { connection: connectionChart.provide({ actors: { socket } }) } }),
    {
      clock,
      input: {
        ...more,
        connection: {
          apiKey: new Secret('sk-test'),
          jitter: 'none',
          pingIntervalMs: false,
          maxAgeMs: false,
          provider: { ...openai, lanes: limits },
          ...connection,
        },
      },
    },
  )
  const emitted: AnyEventObject[] = []
  actor.on('*', (event) => void emitted.push(event))
  actor.start()
  return {
    actor,
    clock,
    sockets,
    emitted,
    asker: (id: string) => new Asker(id),
    asks(asker: Asker, wanted: string | null = null): void {
      actor.send({ type: 'lane.request', conversationId: asker.id, replyTo: asker.actor, wanted })
    },
    releases(asker: Asker, tail = false): void {
      const { connectionKey, lane } = asker.grant
      actor.send({ type: 'lane.release', connectionKey, lane, tail })
    },
    /** The newest socket. */
    get socket(): FakeSocket {
      const newest = sockets.at(-1)
      if (newest === undefined) throw new Error('no socket was spawned')
      return newest
    },
    get live(): (string | undefined)[] {
      return sockets.filter(({ live }) => live).map(({ owner }) => owner)
    },
    get name(): string {
      const { value } = actor.getSnapshot()
      return typeof value === 'string' ? value : String(Object.keys(value)[0])
    },
    get context() {
      return actor.getSnapshot().context
    },
  }
}

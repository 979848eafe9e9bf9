import { fromCallback, createActor } from 'xstate'
import {
  type ConnectionContext,
  type ConnectionInput,
  type SocketCommand,
  type SocketFact,
  type SocketInput,
  type SocketLoss,
  connectionChart,
} from '../../../machines/index.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'

/** One spawned fake socket: what the chart told it, and the means to tell the chart something. */
export class FakeSocket {
  readonly commands: SocketCommand[] = []
  readonly input: SocketInput
  /** When it was dialed, by the simulated clock. */
  readonly dialedAt: number
  live = true
  #tell: (fact: SocketFact) => void

  constructor(input: SocketInput, dialedAt: number, tell: (fact: SocketFact) => void) {
    this.input = input
    this.dialedAt = dialedAt
    this.#tell = tell
  }

  get id(): number {
    return this.input.connectionId
  }

  opens(): void {
    this.#tell({ type: 'socket.opened', connectionId: this.id })
  }

  isRefused(status: number, more: { code?: string; retryAfterMs?: number } = {}): void {
    const refusal = { status, code: more.code ?? null, retryAfterMs: more.retryAfterMs ?? null }
    this.#tell({ type: 'socket.refused', connectionId: this.id, refusal })
  }

  isLost(loss: Partial<SocketLoss> = {}): void {
    this.#tell({ type: 'socket.lost', connectionId: this.id, loss: { ...LOSS, ...loss } })
  }

  hears(): void {
    this.#tell({ type: 'socket.heard', connectionId: this.id })
  }

  settles(
    outcome: 'completed' | 'incomplete' | 'failed',
    more: { responseId?: string; lane?: string; stored?: boolean } = {},
  ): void {
    this.#tell({
      type: 'server.settled',
      connectionId: this.id,
      outcome,
      responseId: more.responseId ?? 'resp_1',
      lane: more.lane ?? null,
      stored: more.stored ?? false,
    })
  }

  errs(code: string | null, more: { status?: number; lane?: string } = {}): void {
    const { status = 400, lane = null } = more
    this.#tell({ type: 'server.errored', connectionId: this.id, code, status, lane })
  }
}

export const LOSS: SocketLoss = {
  phase: 'open',
  code: 1006,
  reason: '',
  errno: null,
  error: null,
  heard: true,
}

/** The chart with fake sockets and a simulated clock, without jitter unless the input says otherwise. */
export function chartUnderTest(input: ConnectionInput = {}) {
  const sockets: FakeSocket[] = []
  const clock = new SimulatedClock({ settle: async () => {} })
  const socket = fromCallback<SocketCommand, SocketInput>(({ input: given, sendBack, receive }) => {
    const fake = new FakeSocket(given, clock.now(), sendBack)
    sockets.push(fake)
    receive((command) => {
      fake.commands.push(command)
    })
    return () => {
      fake.live = false
    }
  })
  const machine = connectionChart.provide({ actors: { socket } })
  const actor = createActor(machine, {
    clock,
    input: { apiKey: new Secret('sk-test'), jitter: 'none', ...input },
  })
  const heard: { readonly type: string }[] = []
  actor.on('*', (event) => {
    heard.push(event)
  })
  actor.start()
  return {
    actor,
    clock,
    sockets,
    heard,
    /** The newest socket. */
    get socket(): FakeSocket {
      const newest = sockets.at(-1)
      if (newest === undefined) throw new Error('no socket was spawned')
      return newest
    },
    get live(): number {
      return sockets.filter((one) => one.live).length
    },
    get state(): unknown {
      return actor.getSnapshot().value
    },
    /** The name of the top-level state. */
    get name(): string {
      const { value } = actor.getSnapshot()
      return typeof value === 'string' ? value : String(Object.keys(value)[0])
    },
    get context(): ConnectionContext {
      return actor.getSnapshot().context
    },
    emitted(type: string) {
      return heard.filter((event) => event.type === type)
    },
    /** Connects and opens. */
    open(): FakeSocket {
      actor.send({ type: 'connect' })
      this.socket.opens()
      return this.socket
    },
  }
}

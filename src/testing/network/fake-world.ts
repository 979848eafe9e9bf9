import { fromCallback } from 'xstate'
import type { ConnectionChart, SocketCommand, SocketInput } from '../../../machines/index.ts'
import { connectionMachine } from '../../client/connection-machine.ts'
import { SimulatedClock } from '../clock.ts'
import { FakeSocket } from './fake-socket.ts'
import { happen } from './happen.ts'
import type { OutsideStep } from './world.ts'

/**
 * The outside of a connection without any I/O, fast enough to explore a chart with: sockets that pretend, and a clock
 * that only steps move. It takes the same steps as a `World`.
 */
export class FakeWorld {
  /** For `createActor`. */
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  /** Every socket that was dialed, the newest last. */
  readonly sockets: FakeSocket[] = []
  /** `connectionMachine` with this world's sockets: provide it where your machine has the real one. */
  readonly connection: ConnectionChart

  constructor() {
    const socket = fromCallback<SocketCommand, SocketInput>(({ input, sendBack, receive }) => {
      const fake = new FakeSocket(input, sendBack, this.clock)
      this.sockets.push(fake)
      receive((command) => fake.receive(command))
      return () => fake.stop()
    })
    this.connection = connectionMachine.provide({ actors: { socket } })
  }

  /** Where to connect to: nowhere, so any URL will do. */
  readonly url = 'ws://127.0.0.1/v1/responses'

  /** Resolves when nothing moves any more, which is at once. */
  async rest(): Promise<void> {
    await this.clock.advance(0)
  }

  /** Whether a step can do anything here: what is frozen hears nothing, and only a dial can be answered. */
  applies(step: OutsideStep): boolean {
    const { phase = 'over', frozen = false } = this.sockets.at(-1) ?? {}
    switch (step.do) {
      case 'accept':
      case 'refuse':
        return phase === 'dialing'
      case 'cut':
        return phase !== 'over'
      case 'freeze':
      case 'hang-up':
      case 'say':
      case 'expire':
        return phase === 'open' && !frozen
      case 'thaw':
        return phase !== 'over' && frozen
      case 'wait':
        return true
      case 'next':
        return this.clock.pending().length > 0
      default:
        return false
    }
  }

  /** Does one step, and comes to rest. A step that makes no sense now does nothing. */
  async take(step: OutsideStep): Promise<void> {
    const newest = this.sockets.at(-1)
    if (newest !== undefined) happen(step, newest)
    if (step.do === 'next') await this.clock.next()
    else await this.clock.advance(step.do === 'wait' ? step.ms : 0)
  }
}

import { type ActorRefFrom, type SnapshotFrom, assign } from 'xstate'
import { drawJitter } from '../../machines/connection/context.ts'
import { type ConnectionChart, connectionChart } from '../../machines/index.ts'
import { socketActor } from '../socket/index.ts'
import { safeguard } from './make-safe.ts'

/**
 * The connection chart with a real `ws` socket, made safe: what an application spawns.
 *
 * @example
 * ```ts
 * const actor = createActor(connectionMachine, { input: { apiKey: new Secret(key) } })
 * actor.on('response.output_text.delta', (event) => process.stdout.write(event.delta))
 * actor.start()
 * actor.send({ type: 'connect' })
 * ```
 *
 * Restored from a snapshot, it dials anew: sockets and timers do not survive. A snapshot that went through JSON has
 * lost its credential, and ends in `closed` with `ERR_CREDENTIAL_MISSING`.
 */
export const connectionMachine: ConnectionChart = safeguard(
  connectionChart.provide({
    actors: { socket: socketActor },
    actions: { drawJitter: assign(({ context }) => drawJitter(context, Math.random)) },
  }),
  { dropChildren: ['socket'], event: { type: 'connection.restored' } },
)

/** A running connection actor. */
export type ConnectionActorRef = ActorRefFrom<ConnectionChart>

/** What `connectionActor.getSnapshot()` gives. */
export type ConnectionSnapshot = SnapshotFrom<ConnectionChart>

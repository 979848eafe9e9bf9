import {
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  createMachine,
  spawnChild,
  stopChild,
} from 'xstate'
import { Secret } from '../../../src/protocol/secret.ts'
import { createSocketActor } from '../../../src/socket/index.ts'

/** The smallest parent of a socket actor, for a process without a test runner. */
export function startParent(options: object, onFact: (fact: AnyEventObject, hangUp: () => void) => void) {
  const transport = new Secret({
    headers: {},
    credential: new Secret('sk-child'),
    auth: { mode: 'provider-default' },
    proxy: null,
    tls: null,
    allowPrivateNetwork: true,
    allowInsecure: false,
    subprotocols: [],
    perMessageDeflate: false,
    maxPayloadBytes: 1 << 20,
    maxFrameBytes: 1 << 20,
    maxBufferedBytes: 1 << 20,
    ...options,
  })
  const machine = createMachine({
    entry: spawnChild(createSocketActor(), {
      id: 'socket',
      input: ({ self }: { self: AnyActorRef }) => ({ connectionId: 1, owner: self, transport, renew: false }),
    }),
    on: {
      hangUp: { actions: stopChild('socket') },
      '*': { actions: ({ event }) => onFact(event, hangUp) },
    },
  })
  const parent = createActor(machine)
  const hangUp = () => parent.send({ type: 'hangUp' })
  parent.start()
  return { parent, socket: parent.getSnapshot().children['socket'] as AnyActorRef, hangUp }
}

import type { AnyActorRef, EventObject } from 'xstate'
import type { SocketFact, SocketInput } from '../../machines/socket-contract.ts'
import { type OwnerEmit, ownerEmit } from './owner-emit.ts'

/** What a session needs of the callback actor that it lives in. */
export interface SessionScope {
  readonly input: SocketInput
  readonly self: AnyActorRef
  readonly system: AnyActorRef['system']
  readonly sendBack: (fact: SocketFact) => void
  readonly emit: OwnerEmit
}

/** How a session speaks: facts to the chart, events to whoever listens to the owner. */
export interface Voice {
  readonly emit: OwnerEmit
  /** For an event that a fact was made of: the chart moves first, then listeners are called. */
  readonly emitAfter: (fact: SocketFact, event: EventObject) => void
}

export function createVoice({ input, sendBack, emit }: SessionScope): Voice {
  const speak = ownerEmit(input.owner) ?? emit
  return {
    emit: speak,
    emitAfter(fact, event) {
      sendBack(fact)
      // The chart may have stopped the socket over the fact, but the event came before that, and may be the
      // only proof that a turn did not run. Only an owner that is gone itself hears no more.
      if (input.owner.getSnapshot().status === 'active') speak(event)
    },
  }
}

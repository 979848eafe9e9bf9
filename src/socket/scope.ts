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
export class Voice {
  readonly emit: OwnerEmit
  readonly #scope: SessionScope

  constructor(scope: SessionScope) {
    this.#scope = scope
    this.emit = ownerEmit(scope.input.owner) ?? scope.emit
  }

  /** For an event that a fact was made of: the chart moves first, then listeners are called. */
  emitAfter(fact: SocketFact, event: EventObject): void {
    const { sendBack, input } = this.#scope
    sendBack(fact)
    // The chart may have stopped the socket over the fact, but the event came before that, and may be the
    // only proof that a turn did not run. Only an owner that is gone itself hears no more.
    if (input.owner.getSnapshot().status === 'active') this.emit(event)
  }
}

import type { AnyActorRef, EventObject } from 'xstate'
import type { SocketFact, SocketInput } from '../../machines/socket-contract.ts'
import { type Outlet, outletOf } from './outlet.ts'

/** What a session needs of the callback actor that it lives in. */
export interface SessionScope {
  readonly input: SocketInput
  readonly self: AnyActorRef
  readonly system: AnyActorRef['system']
  readonly sendBack: (fact: SocketFact) => void
  readonly emit: (event: EventObject) => void
}

/** How a session speaks: facts to the chart, events to whoever listens to the owner. */
export class SocketOutput {
  /** Null where the owner has none: then the socket actor emits as itself. */
  readonly outlet: Outlet | null
  readonly #scope: SessionScope

  constructor(scope: SessionScope) {
    this.#scope = scope
    this.outlet = outletOf(scope.input.owner) ?? null
  }

  emit(event: EventObject): void {
    if (this.outlet === null) this.#scope.emit(event)
    else this.outlet.emit(event)
  }

  report(fact: SocketFact): void {
    this.#scope.sendBack(fact)
  }

  /**
   * For an event that a fact was made of: the chart moves first, then listeners are called. The chart may have stopped
   * the socket over the fact, but the event came before that, and may be the only proof that a turn did not run. Only
   * an owner that is gone itself hears no more.
   */
  get isHeard(): boolean {
    return this.#scope.input.owner.getSnapshot().status === 'active'
  }
}

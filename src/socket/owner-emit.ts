import type { AnyActorRef, EventObject } from 'xstate'

/** Emits one event to the `actor.on(…)` listeners of an actor. */
export type OwnerEmit = (event: EventObject) => void

const emits = new WeakMap<object, OwnerEmit>()

/**
 * Lets sockets emit as this actor. Call it when the owner starts, with the `emit` of its actor scope: listeners
 * on the owner then hear every server event, across reconnects, with no transition per frame.
 */
export function registerOwnerEmit(owner: AnyActorRef, emit: OwnerEmit): void {
  emits.set(owner, emit)
}

/** The `emit` that was registered for this actor, or undefined. */
export function ownerEmit(owner: AnyActorRef): OwnerEmit | undefined {
  return emits.get(owner)
}

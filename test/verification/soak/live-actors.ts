import type { AnyActorRef, InspectionEvent } from 'xstate'

/** The actors of a system that have begun and not ended. */
export class LiveActors {
  readonly #actors = new Set<AnyActorRef>()
  #pruneAt = 64

  note(event: InspectionEvent): void {
    if (event.type !== '@xstate.actor') return
    this.#actors.add(event.actorRef as AnyActorRef)
    if (this.#actors.size < this.#pruneAt) return
    this.#prune()
    this.#pruneAt = 64 + 2 * this.#actors.size
  }

  /** How many there are whose id fits. */
  count(id: RegExp = /^/): number {
    this.#prune()
    return [...this.#actors].filter((actor) => id.test(actor.id)).length
  }

  #prune(): void {
    for (const actor of this.#actors) if (!isLive(actor)) this.#actors.delete(actor)
  }
}

function isLive(actor: AnyActorRef): boolean {
  return (actor.getSnapshot() as { readonly status?: string } | undefined)?.status === 'active'
}

import type { AnyActorRef } from 'xstate'
import { plainText } from './redact.ts'

/**
 * Gives actors their paths: ids from the root down, as in `conversation/connection/socket`. An actor without an id
 * of its own is named after its machine. A path comes free when its actor has stopped; while it is taken, the next
 * one of that name gets `#2`.
 */
export class ActorPaths {
  readonly #pathOf = new WeakMap<AnyActorRef, string>()
  readonly #holders = new Map<string, WeakRef<AnyActorRef>>()

  of(actor: AnyActorRef): string {
    const known = this.#pathOf.get(actor)
    if (known !== undefined) return known
    const parent: AnyActorRef | undefined = actor._parent
    const name = nameOf(actor)
    const wanted = parent === undefined ? name : `${this.of(parent)}/${name}`
    const path = this.#free(wanted)
    this.#pathOf.set(actor, path)
    this.#holders.set(path, new WeakRef(actor))
    return path
  }

  /** The running actor of a path. */
  actorAt(path: string): AnyActorRef | undefined {
    return this.#holders.get(path)?.deref()
  }

  /** The actor is gone: its path may be used again. */
  release(actor: AnyActorRef): void {
    const path = this.#pathOf.get(actor)
    if (path !== undefined && this.#holders.get(path)?.deref() === actor) this.#holders.delete(path)
  }

  #free(wanted: string): string {
    let path = wanted
    for (let number = 2; this.#holders.get(path)?.deref() !== undefined; number += 1)
      path = `${wanted}#${number}`
    return path
  }
}

function nameOf(actor: AnyActorRef): string {
  const own = actor.id === actor.sessionId ? machineIdOf(actor) : plainText(actor.id)
  return (own ?? 'actor').replaceAll('/', ':')
}

function machineIdOf(actor: AnyActorRef): string | null {
  const logic: unknown = Reflect.get(actor, 'logic')
  const id: unknown = typeof logic === 'object' && logic !== null ? Reflect.get(logic, 'id') : undefined
  return plainText(id)
}

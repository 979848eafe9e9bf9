import type { AnyActorRef, EventObject, Subscription } from 'xstate'
import type { ParsedServerEvent } from '../protocol/parse-server-event.ts'

type Listener = (event: EventObject) => void

/** Gets every frame of an owner's sockets as it was read, after the listeners of `actor.on`. */
export interface FrameTap {
  /** An event, and the bytes of its frame. */
  take(frame: ParsedServerEvent, bytes: number): void
  /** A frame that is no event: it may have been part of any answer under way. */
  takeGarbage(): void
}

/**
 * Where the sockets of one owner say what they heard: to the owner's `actor.on(…)` listeners, and to one tap.
 *
 * XState's own `emit` copies the lists of listeners for each event. Here they are copied when a listener comes or
 * goes, which is seldom, so a frame that nobody listens to costs a look into a map.
 */
export class Outlet {
  tap: FrameTap | null = null
  readonly #lists = new Map<string, readonly Listener[]>()

  /** The owner's `on`, which also fills the lists here. */
  listeningTo(on: AnyActorRef['on']): AnyActorRef['on'] {
    return (type: string, listener: Listener): Subscription => {
      const subscription = on(type, listener as never)
      const entry: Listener = (event) => listener(event)
      this.#lists.set(type, [...(this.#lists.get(type) ?? []), entry])
      return {
        unsubscribe: () => {
          subscription.unsubscribe()
          const rest = (this.#lists.get(type) ?? []).filter((one) => one !== entry)
          if (rest.length > 0) this.#lists.set(type, rest)
          else this.#lists.delete(type)
        },
      }
    }
  }

  emit(event: EventObject): void {
    if (this.#lists.size === 0) return
    const own = this.#lists.get(event.type)
    const all = this.#lists.get('*')
    if (own !== undefined) call(own, event)
    if (all !== undefined) call(all, event)
  }
}

function call(listeners: readonly Listener[], event: EventObject): void {
  for (const listener of listeners) {
    try {
      listener(event)
    } catch (error) {
      // As XState does it: an application's mistake is its own, and nobody else's.
      setTimeout(() => {
        throw error
      })
    }
  }
}

const outlets = new WeakMap<object, Outlet>()

/**
 * Lets sockets speak as this actor. Call it before anybody can listen, when the actor's first snapshot is made:
 * listeners on the owner then hear every server event, across reconnects, with no transition per frame.
 */
export function registerOutlet(owner: AnyActorRef): void {
  if (outlets.has(owner)) return
  const outlet = new Outlet()
  outlets.set(owner, outlet)
  owner.on = outlet.listeningTo(owner.on.bind(owner) as AnyActorRef['on'])
}

/** The outlet that was registered for this actor, or undefined. */
export function outletOf(owner: AnyActorRef): Outlet | undefined {
  return outlets.get(owner)
}

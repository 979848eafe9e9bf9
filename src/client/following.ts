import type { AnyActorRef, Subscription } from 'xstate'
import type { ConnectionEmitted } from '../../machines/index.ts'
import type { ConnectionActorRef } from './connection-machine.ts'

type Type = ConnectionEmitted['type'] | '*'
type Listener = (event: ConnectionEmitted) => void

/**
 * Listeners that follow a line from one connection to the next. What a connection says of itself is heard of the
 * current one only; server events are heard of each, because turns end on the connection that they began on.
 */
export class Following {
  readonly #isCurrent: (connection: ConnectionActorRef) => boolean
  readonly #connections = new Set<ConnectionActorRef>()
  readonly #entries = new Set<{ type: Type; listener: Listener; subscriptions: Map<object, Subscription> }>()

  constructor(isCurrent: (connection: ConnectionActorRef) => boolean) {
    this.#isCurrent = isCurrent
  }

  attach(connection: ConnectionActorRef): void {
    this.#connections.add(connection)
    for (const entry of this.#entries) entry.subscriptions.set(connection, this.#subscribe(connection, entry))
    const gone = (): void => {
      this.#connections.delete(connection)
      for (const { subscriptions } of this.#entries) subscriptions.delete(connection)
    }
    ;(connection as AnyActorRef).subscribe({ complete: gone, error: gone })
  }

  /** Returns a function that ends it. */
  on(type: Type, listener: Listener): () => void {
    const entry = { type, listener, subscriptions: new Map<object, Subscription>() }
    for (const connection of this.#connections) {
      entry.subscriptions.set(connection, this.#subscribe(connection, entry))
    }
    this.#entries.add(entry)
    return () => {
      this.#entries.delete(entry)
      for (const subscription of entry.subscriptions.values()) subscription.unsubscribe()
    }
  }

  #subscribe(
    connection: ConnectionActorRef,
    { type, listener }: { type: Type; listener: Listener },
  ): Subscription {
    return connection.on(type, (event: ConnectionEmitted) => {
      if (isAboutConnection(event) && !this.#isCurrent(connection)) return
      listener(event)
    })
  }
}

function isAboutConnection({ type }: ConnectionEmitted): boolean {
  return type.startsWith('connection.')
}

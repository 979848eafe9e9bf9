import type { Facade } from './facade.ts'

type Unsubscribe = { unsubscribe(): void }

/** What `@xstate/inspect` puts into the global `__xstate__`. */
interface Tools {
  register(service: Facade): void
  onRegister(listener: (service: Facade) => void): Unsubscribe
}

/** The package's registry of services, for one server of it. */
export interface Registry {
  register(service: Facade): void
  /** Takes back what the server has subscribed to: it never does so itself. */
  end(): void
}

/**
 * Runs `start`, which lets the package make its registry in a global, and takes the registry from there. What stood
 * in the global before stands there again: another tool may use it.
 */
export function withRegistry(start: () => void): Registry {
  const before = Object.getOwnPropertyDescriptor(globalThis, '__xstate__')
  const subscriptions: Unsubscribe[] = []
  let tools: Tools | null = null
  Object.defineProperty(globalThis, '__xstate__', {
    configurable: true,
    get: () => tools,
    set: (made: Tools) => {
      const onRegister = made.onRegister.bind(made)
      made.onRegister = (listener) => {
        const subscription = onRegister(listener)
        subscriptions.push(subscription)
        return subscription
      }
      tools = made
    },
  })
  try {
    start()
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, '__xstate__')
    else Object.defineProperty(globalThis, '__xstate__', before)
  }
  return {
    register: (service) => tools?.register(service),
    end: () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    },
  }
}

import type {
  AnyActorRef,
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
  Snapshot,
} from 'xstate'
import { registerOutlet } from '../socket/index.ts'

/** What a machine does when an actor of it is restored from a snapshot. */
export interface RestoreRule {
  /** Children that are not brought back: a socket cannot be. */
  readonly dropChildren: readonly string[]
  /** Sent to the restored actor as its first event. Timers of a restored state are not set again. */
  readonly event: EventObject
}

/**
 * Cures two things that XState leaves to the machine's author, and changes nothing else:
 *
 * - When a guard, an action or an assignment throws, the actor's children are stopped before the actor goes into
 *   its error state. Without this they run on, and `stop()` does nothing any more.
 * - Sockets of the connection chart can emit as their owner, so listeners on the connection actor hear every
 *   server event, across reconnects, with no transition per frame.
 *
 * `connectionMachine` is made safe already. Wrap your own machine too if it spawns or invokes connections: an
 * error in it then closes them. What comes of `provide` is safe as well; the machine given is not changed.
 */
export function makeSafe<Machine extends AnyStateMachine>(
  machine: Machine,
  restoring?: RestoreRule,
): Machine {
  return safeguard(machine.provide({}) as Machine, restoring)
}

/** `makeSafe` for a machine that nobody else holds: it is changed itself, and need not be laid out once more. */
export function safeguard<Machine extends AnyStateMachine>(
  machine: Machine,
  restoring?: RestoreRule,
): Machine {
  const safe: AnyStateMachine = machine
  // oxlint-disable-next-line typescript/unbound-method -- each is called with `safe` as its `this`
  const { start, transition, provide, getInitialSnapshot, restoreSnapshot } = safe
  const restored = new WeakSet<object>()

  return Object.assign(safe, {
    // Before anybody has the actor to listen to.
    getInitialSnapshot(scope: AnyActorScope, input?: unknown): AnyMachineSnapshot {
      registerOutlet(scope.self)
      return getInitialSnapshot.call(safe, scope, input)
    },

    start(snapshot: AnyMachineSnapshot, scope: AnyActorScope): void {
      start.call(safe, snapshot)
      if (restoring !== undefined && restored.delete(scope.self)) scope.self.send(restoring.event)
    },

    transition(snapshot: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope): AnyMachineSnapshot {
      try {
        return transition.call(safe, snapshot, event, scope)
      } catch (error) {
        for (const child of Object.values<AnyActorRef | undefined>(snapshot.children)) {
          if (child !== undefined) scope.stopChild(child)
        }
        throw error
      }
    },

    provide(implementations: Parameters<typeof provide>[0]): AnyStateMachine {
      return safeguard(provide.call(safe, implementations) as AnyStateMachine, restoring)
    },

    restoreSnapshot(snapshot: Snapshot<unknown>, scope: AnyActorScope): AnyMachineSnapshot {
      registerOutlet(scope.self)
      if (restoring === undefined) return restoreSnapshot.call(safe, snapshot, scope)
      restored.add(scope.self)
      return restoreSnapshot.call(safe, withoutChildren(snapshot, restoring.dropChildren), scope)
    },
  }) as unknown as Machine
}

function withoutChildren(snapshot: Snapshot<unknown>, names: readonly string[]): Snapshot<unknown> {
  if (!('children' in snapshot) || typeof snapshot.children !== 'object') return snapshot
  const children = Object.entries(snapshot.children ?? {}).filter(([name]) => !names.includes(name))
  return { ...snapshot, children: Object.fromEntries(children) } as unknown as Snapshot<unknown>
}

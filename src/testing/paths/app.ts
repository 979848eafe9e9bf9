import type { AnyActor, AnyMachineSnapshot, EventObject } from 'xstate'
import { ImpossibleStepError } from '../properties/agree.ts'
import type { FakeWorld } from '../network/fake-world.ts'
import type { OutsideStep, World } from '../network/world.ts'
import { printSteps } from '../model/steps.ts'
import type { Explorable } from './explore.ts'

/** A step of an app: an event that it is sent, or something that happens to its connection. */
export type AppStep = { readonly send: EventObject } | OutsideStep

/**
 * An app's actor in a world, as something that paths can be run on. The actor must have been started with the world's
 * clock, and its connection made with the world's URL, or provided with the fake world's connection.
 *
 * @param details what tells places apart beside the states of the app and its children, and what is due. Default:
 * nothing.
 */
export function appIn(
  world: World | FakeWorld,
  actor: AnyActor,
  details: () => unknown = () => null,
): Explorable<AppStep> {
  const name = (): string => JSON.stringify(actor.getSnapshot().value)
  return {
    take: async (step) => {
      if ('do' in step) return await world.take(step)
      actor.send(step.send)
      await world.rest()
    },
    applies: (step) => ('do' in step ? world.applies(step) : listens(actor, step.send.type)),
    name,
    key: () => JSON.stringify([statesOf(actor), world.clock.pending().map(({ event }) => event), details()]),
    stop: async () => {
      actor.stop()
      if ('stop' in world) await world.stop()
    },
  }
}

/**
 * Does the same steps to two runs of an app, one after the other, and compares their states after each.
 *
 * @throws {ImpossibleStepError} before a step that can do nothing where it stands, as an answer while nobody dials, or
 * an event that no state there listens to
 * @throws Error with the steps, ready to be pasted into a test, where they differ
 */
export async function agreeInStates<Step extends object>(
  expected: Explorable<Step>,
  actual: Explorable<Step>,
  steps: readonly Step[],
): Promise<void> {
  try {
    for (const [index, step] of steps.entries()) {
      if (expected.applies?.(step) === false) throw new ImpossibleStepError(steps, index, expected.name())
      await expected.take(step)
      await actual.take(step)
      if (expected.name() === actual.name()) continue
      const taken = printSteps(steps.slice(0, index + 1))
      throw new Error(
        `One is in ${expected.name()}, the other in ${actual.name()}, after these steps: ${taken}`,
      )
    }
  } finally {
    await expected.stop()
    await actual.stop()
  }
}

/** Whether a state that the actor is in has a transition for an event, whatever its guards say. */
function listens(actor: AnyActor, type: string): boolean {
  const { _nodes: nodes } = actor.getSnapshot() as Partial<AnyMachineSnapshot>
  if (nodes === undefined) return true
  return nodes.some(({ ownEvents }) => ownEvents.some((descriptor) => fits(descriptor, type)))
}

/** An event's type, `*`, or the beginning of a type, as `line.*`. */
function fits(descriptor: string, type: string): boolean {
  return descriptor === type || (descriptor.endsWith('*') && `${type}.`.startsWith(descriptor.slice(0, -1)))
}

/** The state of an actor and of each child that has one. */
function statesOf(actor: AnyActor): unknown {
  const snapshot = actor.getSnapshot() as Partial<AnyMachineSnapshot>
  if (snapshot.value === undefined) return null
  const children = Object.entries(snapshot.children ?? {}).map(([id, child]) => [
    id,
    child === undefined ? null : statesOf(child as AnyActor),
  ])
  return [snapshot.value, Object.fromEntries(children)]
}

import { type AnyStateMachine, StateMachine, not } from 'xstate'
import { type Config, type Place, actionPlaces, normalised, transitionPlaces } from './config.ts'

/** A chart with one thing wrong in it. */
export interface Mutant<Machine = AnyStateMachine> {
  readonly kind: 'drop' | 'redirect' | 'negate' | 'delay' | 'action'
  /** Where, and what: `open.age.expired on socket.lost 1`. */
  readonly name: string
  readonly machine: Machine
}

/**
 * Every chart that comes of one small change: a transition dropped or led to another top-level state, a guard
 * negated, an action removed, a delay made longer or shorter. The chart itself is not changed.
 */
export function mutantsOf<Machine extends AnyStateMachine>(machine: Machine): Mutant<Machine>[] {
  const config = normalised(machine.config as Config)
  return [
    ...transitionPlaces(config).flatMap((place) => transitionMutants(machine, config, place)),
    ...actionPlaces(config).map((place) => {
      const action = nameOfAction(place.list(config)[place.index])
      return mutant(
        machine,
        'action',
        `${place.name} (${action})`,
        (copy) => void place.list(copy).splice(place.index, 1),
      )
    }),
    ...delayMutants(machine),
  ]
}

function transitionMutants<Machine extends AnyStateMachine>(
  machine: Machine,
  config: Config,
  place: Place,
): Mutant<Machine>[] {
  const { target, guard } = place.list(config)[place.index] as Config
  const change = (copy: Config): Config => place.list(copy)[place.index] as Config
  const mutants = [
    mutant(machine, 'drop', place.name, (copy) => void place.list(copy).splice(place.index, 1)),
  ]
  if (typeof target === 'string') {
    const elsewhere = anotherTarget(machine, target)
    mutants.push(
      mutant(machine, 'redirect', `${place.name} to ${elsewhere}`, (copy) => {
        change(copy)['target'] = elsewhere
      }),
    )
  }
  if (guard !== undefined) {
    mutants.push(
      mutant(machine, 'negate', place.name, (copy) => {
        change(copy)['guard'] = not(guard as never)
      }),
    )
  }
  return mutants
}

function mutant<Machine extends AnyStateMachine>(
  machine: Machine,
  kind: Mutant['kind'],
  name: string,
  change: (copy: Config) => void,
): Mutant<Machine> {
  const copy = normalised(machine.config as Config)
  change(copy)
  return {
    kind,
    name,
    machine: new StateMachine(copy as never, machine.implementations) as unknown as Machine,
  }
}

/** Another top-level state than the one that is meant. */
function anotherTarget(machine: AnyStateMachine, target: string): string {
  const names = Object.keys(machine.root.states)
  const parts = target.replace(`#${machine.root.id}`, '').split('.')
  const meant = names.findIndex((name) => parts.includes(name))
  return `#${machine.root.id}.${names[(meant + 1) % names.length]}`
}

function delayMutants<Machine extends AnyStateMachine>(machine: Machine): Mutant<Machine>[] {
  const { delays } = machine.implementations as {
    delays: Record<string, number | ((...args: never[]) => number)>
  }
  return Object.entries(delays).flatMap(([name, delay]) =>
    Object.entries(DELAY_CHANGES).map(([kind, change]) => {
      const changed =
        typeof delay === 'function' ? (...args: never[]) => change(delay(...args)) : change(delay)
      const provided = machine.provide({ delays: { [name]: changed } } as never)
      return { kind: 'delay' as const, name: `${name} ${kind}`, machine: provided as unknown as Machine }
    }),
  )
}

/** One of 0 ms can only become longer. */
const DELAY_CHANGES = {
  longer: (ms: number) => ms * 1.5 + 7,
  shorter: (ms: number) => ms / 2,
} as const

function nameOfAction(action: unknown): string {
  if (typeof action === 'object' && action !== null && 'type' in action) return String(action.type)
  return typeof action === 'function' ? action.name : String(action)
}

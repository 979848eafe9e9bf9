import type { AnyActorRef, AnyStateMachine } from 'xstate'
import { plainText } from './redact.ts'

/** Gives machines their names: the id, told apart from that of other machines. What `provide` made is the same one. */
export class ChartNames {
  readonly #names = new Map<object, string>()
  readonly #isNew: (name: string, machine: AnyStateMachine) => void

  /** @param isNew told of each machine once */
  constructor(isNew: (name: string, machine: AnyStateMachine) => void) {
    this.#isNew = isNew
  }

  /** Null for an actor without states. */
  of(actor: AnyActorRef): string | null {
    const machine = machineOf(actor)
    if (machine === null) return null
    const config: object = machine.config
    const known = this.#names.get(config)
    if (known !== undefined) return known
    const id = plainText(machine.id) ?? 'machine'
    const taken = [...this.#names.values()]
    let name = id
    for (let number = 2; taken.includes(name); number += 1) name = `${id}#${number}`
    this.#names.set(config, name)
    this.#isNew(name, machine)
    return name
  }
}

function machineOf(actor: AnyActorRef): AnyStateMachine | null {
  const logic: unknown = Reflect.get(actor, 'logic')
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'config' in logic
    ? (logic as AnyStateMachine)
    : null
}

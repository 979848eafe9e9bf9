import type { AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { actionNames } from './action-names.ts'
import { changesBetween } from './changes.ts'
import type { ContextChange, EntryOf, StateValueData, TransitionStep } from './format.ts'
import { readField } from './read-field.ts'
import { type Redactor, redactEvent } from './redact.ts'
import { refusedBefore, refusedSteps, stepOf } from './steps.ts'

/** An event that was sent to an actor and is handled, or waits in its mailbox. */
interface Handling {
  readonly event: unknown
  readonly type: string
  readonly source: string | null
  readonly taken: TransitionStep[]
  /** On the way, in states that it only went through. */
  readonly refused: TransitionStep[]
  readonly actions: string[]
}

type Status = EntryOf<'transition'>['status']

const MAX_NAMES = 40

/** What an observer knows of one running actor. */
export class Track {
  readonly path: string
  /** Null for actors without states. */
  readonly chart: string | null
  announced = false
  value: StateValueData = null
  context: Record<string, unknown> = {}
  /** Ids of its running delays. */
  readonly timers = new Set<string>()
  readonly #redact: Redactor
  #rawContext: Record<string, unknown> | null = null
  #nodes: readonly AnyStateNode[] = []
  /**
   * XState tells of an event when it is sent. An actor that is busy handles it later, so the first of these is the
   * one that is handled now.
   */
  readonly #sent: Handling[] = []

  constructor(path: string, chart: string | null, redact: Redactor) {
    this.path = path
    this.chart = chart
    this.#redact = redact
  }

  get isHandling(): boolean {
    return this.#sent.length > 0
  }

  sent(event: { readonly type: string }, source: string | null): void {
    this.#sent.push({ event, type: event.type, source, taken: [], refused: [], actions: [] })
  }

  step(transitions: readonly AnyTransitionDefinition[]): void {
    const [handling] = this.#sent
    if (handling === undefined) return
    for (const transition of transitions) {
      const step = stepOf(transition)
      if (step === null || handling.taken.length >= MAX_NAMES) continue
      handling.taken.push(step)
      handling.refused.push(...refusedBefore(step, transition))
      handling.actions.push(...actionNames(transition.actions))
    }
  }

  /** The transition that an event led to; null for an event that nobody sent, as the one that starts an actor. */
  handled(event: unknown, snapshot: AnyMachineSnapshot, status: Status) {
    const at = this.#sent.findIndex((handling) => handling.event === event)
    const handling = this.#sent.splice(0, at + 1).at(-1)
    if (handling === undefined) return null
    const { type, source, taken, actions } = handling
    const from = this.value
    const refused = [...refusedSteps(this.#nodes, type, taken), ...handling.refused]
    const changed = this.remember(snapshot)
    const shown = redactEvent(event, this.#redact)
    return { event: shown, source, from, to: this.value, taken, refused, actions, changed, status }
  }

  /** Takes over a machine's snapshot, and says what of its context has changed. */
  remember(snapshot: AnyMachineSnapshot): ContextChange[] {
    this.value = snapshot.value as StateValueData
    this.#nodes = snapshot._nodes
    const raw = snapshot.context as Record<string, unknown>
    if (raw === this.#rawContext) return []
    const before = this.context
    const after: Record<string, unknown> = {}
    const old = this.#rawContext ?? {}
    for (const [name, value] of Object.entries(raw)) {
      // Contexts are changed by replacing fields: one that is still the same object has not changed.
      const same = Object.hasOwn(old, name) && Object.is(old[name], value) && Object.hasOwn(before, name)
      const shown = same ? before[name] : readField(this.#redact({ [name]: value }), name)
      if (shown !== undefined) after[name] = shown
    }
    this.#rawContext = raw
    this.context = after
    return changesBetween(before, after)
  }
}

/** XState's status of a snapshot; that of an actor without one is active. */
export function statusOf(snapshot: unknown): Status {
  const status = readField(snapshot, 'status')
  return status === 'done' || status === 'error' || status === 'stopped' ? status : 'active'
}

import type {
  AnyActorRef,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate'
import { actionNames } from './action-names.ts'
import { changesBetween } from './changes.ts'
import type { RecordingEntry, StateValueData, TransitionStep } from './format.ts'
import { ActorPaths } from './paths.ts'
import {
  type RedactOptions,
  type Redactor,
  createRedactor,
  eventName,
  plainText,
  redactEvent,
} from './redact.ts'
import { refusedSteps, stepOf } from './steps.ts'

export interface ObserveOptions extends RedactOptions {
  /** Gives the `at` of entries: ms since the recording began. */
  readonly now: () => number
  /** Takes the entries, one by one. */
  readonly push: (entry: RecordingEntry) => void
  /** Describes a chart for a `chart` entry, the first time that one is seen. Default: no such entries. */
  readonly describe?: ((machine: AnyStateMachine) => unknown) | undefined
}

/** What an observer knows of one running actor. */
interface Track {
  readonly path: string
  readonly chart: string | null
  announced: boolean
  value: StateValueData
  rawContext: Record<string, unknown> | null
  context: Record<string, unknown>
  nodes: readonly AnyStateNode[]
  /** Ids of its running delays. */
  readonly timers: Set<string>
  /** The event that it handles now. */
  handling: {
    event: unknown
    type: string
    source: string | null
    taken: TransitionStep[]
    actions: string[]
  } | null
}

const MAX_NAMES = 40

/** Only `set` says which delay it is. */
const NO_DELAY = { delay: null, delayMs: null, state: null } as const

/**
 * Turns XState's inspection events into entries of a recording. Nothing that is secret or content gets through.
 *
 * `inspect` never throws, whatever it is given: XState would pass that on to whoever sent the event.
 */
export class ActorObserver {
  readonly #options: ObserveOptions
  readonly #redact: Redactor
  readonly #paths = new ActorPaths()
  readonly #tracks = new WeakMap<AnyActorRef, Track>()
  readonly #handling = new Set<AnyActorRef>()
  readonly #charts = new Map<object, string>()
  readonly #sessions = new Map<string, string>()
  #failures = 0

  constructor(options: ObserveOptions) {
    this.#options = options
    this.#redact = createRedactor(options)
  }

  /** Inspection events that could not be turned into entries, because something in them threw. */
  get failures(): number {
    return this.#failures
  }

  /** The path of a running actor by its `sessionId`. */
  pathOfSession(session: string): string | undefined {
    return this.#sessions.get(session)
  }

  /** The running actor of a path. */
  actorAt(path: string): AnyActorRef | undefined {
    return this.#paths.actorAt(path)
  }

  /** To be given to `createActor(…, { inspect })`. */
  readonly inspect = (event: InspectionEvent): void => {
    try {
      this.#take(event)
    } catch {
      this.#failures += 1
    }
  }

  /** Reports actors that failed while they handled an event: XState sends no snapshot of these. */
  sweep(): void {
    for (const actor of this.#handling) {
      const status = statusOf(actor.getSnapshot())
      this.#handling.delete(actor)
      if (status === 'error') this.#end(actor, 'failed')
    }
  }

  #take(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef
    switch (event.type) {
      case '@xstate.event':
        return this.#takeEvent(actor, event.event, event.sourceRef as AnyActorRef | undefined)
      case '@xstate.action':
        return this.#takeAction(this.#tracks.get(actor), event.action)
      case '@xstate.microstep':
        return this.#takeMicrostep(this.#tracks.get(actor), event._transitions)
      case '@xstate.snapshot':
        return this.#takeSnapshot(actor, event.snapshot)
      case '@xstate.actor':
      case '@xstate.transition':
        // An actor that was only created has no snapshot yet: it is announced with its first event.
        this.#track(actor)
    }
  }

  #takeEvent(actor: AnyActorRef, event: { type: string }, source: AnyActorRef | undefined): void {
    const track = this.#track(actor)
    if (event.type === 'xstate.init') return this.#announce(actor, track, 'started')
    this.#announce(actor, track, 'present')
    const from = source === undefined ? null : this.#paths.of(source)
    if (track.chart === null) {
      if (!event.type.startsWith('xstate.')) {
        this.#push({
          kind: 'event',
          actor: track.path,
          event: redactEvent(event, this.#redact),
          source: from,
        })
      }
      return
    }
    if (track.timers.delete(event.type))
      this.#push({ kind: 'timer', actor: track.path, change: 'fired', id: event.type, ...NO_DELAY })
    track.handling = { event, type: event.type, source: from, taken: [], actions: [] }
    this.#handling.add(actor)
  }

  #takeAction(track: Track | undefined, action: { type: string; params: unknown }): void {
    if (track === undefined) return
    const { type, params } = action
    if (type === 'xstate.raise') return this.#takeDelay(track, params)
    if (type === 'xstate.cancel') {
      const id = String(readField(params, 'sendId'))
      if (track.timers.delete(id))
        this.#push({ kind: 'timer', actor: track.path, change: 'cleared', id, ...NO_DELAY })
      return
    }
  }

  #takeDelay(track: Track, params: unknown): void {
    const delayMs = readField(params, 'delay')
    const event = readField(params, 'event')
    const id = readField(params, 'id') ?? readField(event, 'type')
    if (typeof delayMs !== 'number' || typeof id !== 'string') return
    const { delay, state } = delayParts(id, (track.chart ?? '').replace(/#\d+$/, ''))
    track.timers.add(id)
    this.#push({ kind: 'timer', actor: track.path, change: 'set', id: eventName(id), delay, delayMs, state })
  }

  #takeMicrostep(track: Track | undefined, transitions: readonly AnyTransitionDefinition[]): void {
    if (track?.handling == null) return
    for (const transition of transitions) {
      const step = stepOf(transition)
      if (step === null || track.handling.taken.length >= MAX_NAMES) continue
      track.handling.taken.push(step)
      track.handling.actions.push(...actionNames(transition.actions))
    }
  }

  #takeSnapshot(actor: AnyActorRef, snapshot: unknown): void {
    const track = this.#track(actor)
    this.#announce(actor, track, 'present')
    this.#handling.delete(actor)
    const status = statusOf(snapshot)
    if (track.chart !== null && track.handling !== null)
      this.#transition(track, snapshot as AnyMachineSnapshot, status)
    track.handling = null
    if (status !== 'active') this.#end(actor, status === 'error' ? 'failed' : status)
  }

  #transition(
    track: Track,
    snapshot: AnyMachineSnapshot,
    status: 'active' | 'done' | 'error' | 'stopped',
  ): void {
    const { event, type, source, taken, actions } = track.handling ?? {
      event: {},
      type: '',
      source: null,
      taken: [],
      actions: [],
    }
    const from = track.value
    const refused = refusedSteps(track.nodes, type, taken)
    const changed = this.#remember(track, snapshot)
    this.#push({
      kind: 'transition',
      actor: track.path,
      event: redactEvent(event, this.#redact),
      source,
      from,
      to: track.value,
      taken,
      refused,
      actions,
      changed,
      status,
    })
  }

  /** Takes over a machine's snapshot, and says what of its context has changed. */
  #remember(track: Track, snapshot: AnyMachineSnapshot) {
    track.value = snapshot.value as StateValueData
    track.nodes = snapshot._nodes
    const raw = snapshot.context as Record<string, unknown>
    if (raw === track.rawContext) return []
    const before = track.context
    const after: Record<string, unknown> = {}
    const old = track.rawContext ?? {}
    for (const [name, value] of Object.entries(raw)) {
      // Contexts are changed by replacing fields: one that is still the same object has not changed.
      const same = Object.hasOwn(old, name) && Object.is(old[name], value) && Object.hasOwn(before, name)
      const shown = same ? before[name] : readField(this.#redact({ [name]: value }), name)
      if (shown !== undefined) after[name] = shown
    }
    track.rawContext = raw
    track.context = after
    return changesBetween(before, after)
  }

  #announce(actor: AnyActorRef, track: Track, change: 'started' | 'present'): void {
    if (track.announced) return
    track.announced = true
    this.#sessions.set(actor.sessionId, track.path)
    const snapshot: unknown = actor.getSnapshot()
    if (track.chart !== null) this.#remember(track, snapshot as AnyMachineSnapshot)
    this.#push({
      kind: 'actor',
      actor: track.path,
      change,
      chart: track.chart,
      session: actor.sessionId,
      state: track.value,
      ...(track.chart === null ? {} : { context: track.context }),
    })
  }

  #end(actor: AnyActorRef, change: 'stopped' | 'done' | 'failed'): void {
    const track = this.#tracks.get(actor)
    if (track === undefined || !this.#sessions.delete(actor.sessionId)) return
    this.#paths.release(actor)
    this.#push({
      kind: 'actor',
      actor: track.path,
      change,
      chart: track.chart,
      session: actor.sessionId,
      state: track.value,
    })
  }

  #track(actor: AnyActorRef): Track {
    const known = this.#tracks.get(actor)
    if (known !== undefined) return known
    const machine = machineOf(actor)
    const track: Track = {
      path: this.#paths.of(actor),
      chart: machine === null ? null : this.#chartOf(machine),
      announced: false,
      value: null,
      rawContext: null,
      context: {},
      nodes: [],
      timers: new Set(),
      handling: null,
    }
    this.#tracks.set(actor, track)
    return track
  }

  /** The machine's id, told apart from other machines of the same id. What `provide` made counts as the same. */
  #chartOf(machine: AnyStateMachine): string {
    const config: object = machine.config
    const known = this.#charts.get(config)
    if (known !== undefined) return known
    const id = plainText(machine.id) ?? 'machine'
    const taken = [...this.#charts.values()]
    let chart = id
    for (let number = 2; taken.includes(chart); number += 1) chart = `${id}#${number}`
    this.#charts.set(config, chart)
    if (this.#options.describe) this.#push({ kind: 'chart', chart, model: this.#options.describe(machine) })
    return chart
  }

  #push(entry: WithoutTime<RecordingEntry>): void {
    this.#options.push({ at: this.#options.now(), ...entry } as RecordingEntry)
  }
}

type WithoutTime<Entry> = Entry extends unknown
  ? { [Name in keyof Entry as Name extends 'at' ? never : Name]: Entry[Name] }
  : never

function statusOf(snapshot: unknown): 'active' | 'done' | 'error' | 'stopped' {
  const status = readField(snapshot, 'status')
  return status === 'done' || status === 'error' || status === 'stopped' ? status : 'active'
}

/** Delayed transitions have ids of the form `xstate.after.DELAY.STATE_ID`, with the root's id in front of the path. */
function delayParts(id: string, chart: string): { delay: string | null; state: string | null } {
  const prefix = 'xstate.after.'
  if (!id.startsWith(prefix)) return { delay: plainText(id), state: null }
  const rest = id.slice(prefix.length)
  const at = rest.indexOf(`.${chart}`)
  if (at === -1) return { delay: plainText(rest), state: null }
  return { delay: plainText(rest.slice(0, at)), state: plainText(rest.slice(at + chart.length + 2)) }
}

function machineOf(actor: AnyActorRef): AnyStateMachine | null {
  const logic: unknown = Reflect.get(actor, 'logic')
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'config' in logic
    ? (logic as AnyStateMachine)
    : null
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

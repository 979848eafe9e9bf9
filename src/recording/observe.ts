import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate'
import { ChartNames } from './chart-names.ts'
import type { EntryOf, RecordingEntry, WithoutTime } from './format.ts'
import { ActorPaths } from './paths.ts'
import { readField } from './read-field.ts'
import { type RedactOptions, type Redactor, createRedactor, redactEvent } from './redact.ts'
import { timerEnded, timerSet } from './timers.ts'
import { Track, statusOf } from './track.ts'

export interface ObserveOptions extends RedactOptions {
  /** Gives the `at` of entries: ms since the recording began. */
  readonly now: () => number
  /** Takes the entries, one by one. */
  readonly push: (entry: RecordingEntry) => void
  /** Describes a chart for a `chart` entry, the first time that one is seen. Default: no such entries. */
  readonly describe?: ((machine: AnyStateMachine) => unknown) | undefined
}

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
  readonly #charts: ChartNames
  readonly #sessions = new Map<string, string>()
  #failures = 0

  constructor(options: ObserveOptions) {
    this.#options = options
    this.#redact = createRedactor(options)
    this.#charts = new ChartNames((chart, machine) => {
      if (options.describe) this.#push({ kind: 'chart', chart, model: options.describe(machine) })
    })
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

  /** Tells of every running actor anew, as it is now: entries of what led there were lost. */
  tellAll(): void {
    for (const path of this.#sessions.values()) {
      const actor = this.#paths.actorAt(path)
      const track = actor && this.#tracks.get(actor)
      if (actor !== undefined && track !== undefined) this.#tell(actor, track, 'present')
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
        return this.#tracks.get(actor)?.step(event._transitions)
      case '@xstate.snapshot':
        return this.#takeSnapshot(actor, event.event, event.snapshot)
      case '@xstate.actor':
      case '@xstate.transition':
        // An actor that was only created has no snapshot yet: it is announced with its first event.
        this.#track(actor)
    }
  }

  #takeEvent(actor: AnyActorRef, event: { type: string }, sender: AnyActorRef | undefined): void {
    const track = this.#track(actor)
    if (event.type === 'xstate.init') return this.#announce(actor, track, 'started')
    this.#announce(actor, track, 'present')
    const source = sender === undefined ? null : this.#paths.of(sender)
    if (track.chart === null) {
      if (event.type.startsWith('xstate.')) return
      this.#push({ kind: 'event', actor: track.path, event: redactEvent(event, this.#redact), source })
      return
    }
    this.#push(timerEnded(track, 'fired', event.type))
    track.sent(event, source)
    this.#handling.add(actor)
  }

  #takeAction(track: Track | undefined, { type, params }: { type: string; params: unknown }): void {
    if (track === undefined) return
    if (type === 'xstate.raise') this.#push(timerSet(track, params))
    if (type === 'xstate.cancel')
      this.#push(timerEnded(track, 'cleared', String(readField(params, 'sendId'))))
  }

  #takeSnapshot(actor: AnyActorRef, event: unknown, snapshot: unknown): void {
    const track = this.#track(actor)
    this.#announce(actor, track, 'present')
    const status = statusOf(snapshot)
    if (track.chart !== null) {
      const transition = track.handled(event, snapshot as AnyMachineSnapshot, status)
      if (transition !== null) this.#push({ kind: 'transition', actor: track.path, ...transition })
    }
    if (!track.isHandling) this.#handling.delete(actor)
    if (status !== 'active') this.#end(actor, status === 'error' ? 'failed' : status)
  }

  #announce(actor: AnyActorRef, track: Track, change: 'started' | 'present'): void {
    if (track.announced) return
    track.announced = true
    this.#sessions.set(actor.sessionId, track.path)
    if (track.chart !== null) track.remember(actor.getSnapshot() as AnyMachineSnapshot)
    this.#tell(actor, track, change)
  }

  #end(actor: AnyActorRef, change: 'stopped' | 'done' | 'failed'): void {
    const track = this.#tracks.get(actor)
    if (track === undefined || !this.#sessions.delete(actor.sessionId)) return
    this.#paths.release(actor)
    this.#tell(actor, track, change)
  }

  #tell(actor: AnyActorRef, track: Track, change: EntryOf<'actor'>['change']): void {
    const { path, chart, value: state, context } = track
    const isFirst = change === 'started' || change === 'present'
    this.#push({
      kind: 'actor',
      actor: path,
      change,
      chart,
      session: actor.sessionId,
      state,
      ...(isFirst && chart !== null && { context }),
    })
  }

  #track(actor: AnyActorRef): Track {
    const known = this.#tracks.get(actor)
    if (known !== undefined) return known
    const track = new Track(this.#paths.of(actor), this.#charts.of(actor), this.#redact)
    this.#tracks.set(actor, track)
    return track
  }

  #push(entry: WithoutTime<RecordingEntry> | null): void {
    if (entry !== null) this.#options.push({ at: this.#options.now(), ...entry } as RecordingEntry)
  }
}

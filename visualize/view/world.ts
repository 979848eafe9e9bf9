import { withChanges } from '../../src/recording/changes.ts'
import type { EntryOf, RecordingEntry, StateValueData } from '../../src/recording/format.ts'

/** A delay that runs. It is due at `setAt + delayMs`. */
export interface RunningTimer {
  readonly id: string
  readonly delay: string | null
  readonly state: string | null
  readonly setAt: number
  readonly delayMs: number
}

/** What is known of one actor at one moment. */
export interface ActorView {
  readonly path: string
  readonly chart: string | null
  readonly session: string | null
  readonly status: 'running' | 'done' | 'stopped' | 'failed'
  readonly state: StateValueData
  readonly context: unknown
  /** When it started, or was first seen. */
  readonly startedAt: number
  /** When it came into the state it is in. */
  readonly since: number
  readonly timers: ReadonlyMap<string, RunningTimer>
  /** The last event it handled. */
  readonly last: EntryOf<'transition'> | null
  /** The last one that led somewhere. */
  readonly moved: EntryOf<'transition'> | null
}

/** Everything at one moment of a recording. */
export interface World {
  readonly at: number
  /** Running ones, and the last of those that are gone. */
  readonly actors: ReadonlyMap<string, ActorView>
  readonly dropped: number
}

/** Actors that are gone and still shown. */
const MAX_GONE = 200

/** A world that entries are played into, one after the other. */
export class WorldBuilder {
  #at = 0
  #dropped = 0
  readonly #actors: Map<string, ActorView>
  #gone = 0

  constructor(from?: World) {
    this.#actors = new Map(from?.actors)
    this.#at = from?.at ?? 0
    this.#dropped = from?.dropped ?? 0
    for (const actor of this.#actors.values()) if (actor.status !== 'running') this.#gone += 1
  }

  /** The world as it is now. What is played afterwards does not change it. */
  snapshot(): World {
    return { at: this.#at, dropped: this.#dropped, actors: new Map(this.#actors) }
  }

  play(entry: RecordingEntry): void {
    this.#at = Math.max(this.#at, entry.at)
    if (entry.kind === 'actor') this.#playActor(entry)
    else if (entry.kind === 'transition') this.#playTransition(entry)
    else if (entry.kind === 'timer') this.#playTimer(entry)
    else if (entry.kind === 'dropped') this.#dropped += entry.count
  }

  #playActor({ at, actor, change, chart, session, state, context }: EntryOf<'actor'>): void {
    const known = this.#actors.get(actor)
    if (change === 'started' || change === 'present') {
      if (known !== undefined && known.status !== 'running') this.#gone -= 1
      // A new one of a known path goes to the end of the list only if the path is new: lists must not jump.
      const kept = change === 'present' && known !== undefined ? known : undefined
      this.#actors.set(actor, {
        path: actor,
        chart,
        session: session ?? null,
        status: 'running',
        state,
        context,
        startedAt: kept?.startedAt ?? at,
        since: at,
        timers: new Map(),
        last: null,
        moved: null,
      })
      return
    }
    if (known === undefined || known.status !== 'running') return
    this.#actors.set(actor, {
      ...known,
      status: change,
      state: state ?? known.state,
      since: at,
      timers: new Map(),
    })
    this.#gone += 1
    if (this.#gone > MAX_GONE) this.#forgetOne()
  }

  #playTransition(entry: EntryOf<'transition'>): void {
    const known = this.#actors.get(entry.actor)
    if (known === undefined) return
    const moved =
      entry.taken.some(({ targets }) => targets.length > 0) ||
      JSON.stringify(entry.from) !== JSON.stringify(entry.to)
    this.#actors.set(entry.actor, {
      ...known,
      state: entry.to,
      context: entry.changed.length === 0 ? known.context : withChanges(known.context, entry.changed),
      since: moved ? entry.at : known.since,
      last: entry,
      moved: moved ? entry : known.moved,
    })
  }

  #playTimer({ actor, change, id, at, delay, delayMs, state }: EntryOf<'timer'>): void {
    const known = this.#actors.get(actor)
    if (known === undefined) return
    const timers = new Map(known.timers)
    if (change === 'set') timers.set(id, { id, delay, state, setAt: at, delayMs: delayMs ?? 0 })
    else timers.delete(id)
    this.#actors.set(actor, { ...known, timers })
  }

  #forgetOne(): void {
    for (const [path, { status }] of this.#actors) {
      if (status === 'running') continue
      this.#actors.delete(path)
      this.#gone -= 1
      return
    }
  }
}

/** The world as entries: what a recording begins with when its first part is not kept. */
export function entriesOf({ actors, at, dropped }: World): RecordingEntry[] {
  const entries: RecordingEntry[] = []
  for (const actor of actors.values()) {
    if (actor.status !== 'running') continue
    const { path, chart, session, state, context, timers } = actor
    entries.push({
      at,
      kind: 'actor',
      actor: path,
      change: 'present',
      chart,
      session: session ?? undefined,
      state,
      context,
    })
    for (const timer of timers.values()) {
      // The rest of the delay: `at` of an entry never goes back.
      const delayMs = Math.max(0, timer.setAt + timer.delayMs - at)
      entries.push({
        at,
        kind: 'timer',
        actor: path,
        change: 'set',
        id: timer.id,
        delay: timer.delay,
        delayMs,
        state: timer.state,
      })
    }
  }
  if (dropped > 0) entries.push({ at, kind: 'dropped', count: dropped })
  return entries
}

import type { EntryOf, RecordingEntry } from './format.ts'
import type { ReplayedTransition } from './replay.ts'

/** A timer that does not do what the chart says. */
export interface TimerFault {
  /** The place of the entry in the recording, from 1. */
  readonly entry: number
  readonly at: number
  readonly actor: string
  readonly problem: string
}

/** A timer may be this much early, in ms: clocks are rounded. */
const EARLY_MS = 2
/** And this much late, counted from the first entry after it was due: until then the process may have slept. */
const LATE_MS = 1_000

interface Running {
  readonly actor: string
  readonly id: string
  readonly due: number
  /** When something else was first seen to happen after it was due; null as long as nothing was. */
  passedAt: number | null
}

type SetTimer = EntryOf<'timer'> & { readonly entry: number }

/** Timers that run longer or shorter than the chart says, that come early, or that never come. */
export function timerFaults(
  entries: readonly RecordingEntry[],
  replayed: readonly ReplayedTransition[],
): TimerFault[] {
  const checks = new TimerChecks(new Map(replayed.map((one) => [one.entry, one])))
  for (const [index, entry] of entries.entries()) checks.take(entry, index + 1)
  return checks.faults
}

class TimerChecks {
  readonly faults: TimerFault[] = []
  readonly #replayed: ReadonlyMap<number, ReplayedTransition>
  readonly #running = new Map<string, Running>()
  /** By actor, what it has set since its last transition; that entry comes after those of its timers. */
  readonly #set = new Map<string, SetTimer[]>()
  /** Actors without a transition so far. What they set when they began is not told from what their first one sets. */
  readonly #fresh = new Set<string>()

  constructor(replayed: ReadonlyMap<number, ReplayedTransition>) {
    this.#replayed = replayed
  }

  take(entry: RecordingEntry, number: number): void {
    if (entry.kind === 'dropped') this.#forget()
    if (entry.kind === 'actor') this.#takeActor(entry)
    if (entry.kind === 'timer') this.#takeTimer({ ...entry, entry: number })
    if (entry.kind === 'transition') this.#takeTransition(entry, number)
    this.#findOverdue(entry.at, number)
  }

  #forget(): void {
    this.#running.clear()
    this.#set.clear()
  }

  #takeActor({ actor, change }: EntryOf<'actor'>): void {
    this.#set.delete(actor)
    if (change === 'started' || change === 'present') this.#fresh.add(actor)
    if (change === 'present') return
    for (const [key, running] of this.#running) if (running.actor === actor) this.#running.delete(key)
  }

  #takeTimer(timer: SetTimer): void {
    const { actor, at, id, entry, change, delayMs } = timer
    const key = `${actor} ${id}`
    if (change === 'set') {
      this.#running.set(key, { actor, id, due: at + (delayMs ?? 0), passedAt: null })
      this.#set.set(actor, [...(this.#set.get(actor) ?? []), timer])
      return
    }
    const early = (this.#running.get(key)?.due ?? 0) - at
    if (change === 'fired' && early > EARLY_MS) {
      this.faults.push({ entry, at, actor, problem: `${id} came ${Math.round(early)} ms before its time` })
    }
    this.#running.delete(key)
  }

  #takeTransition({ actor, at }: EntryOf<'transition'>, entry: number): void {
    const set = this.#set.get(actor) ?? []
    const isFirst = this.#fresh.delete(actor)
    this.#set.delete(actor)
    const replayed = this.#replayed.get(entry)
    // Another transition than the chart's sets other timers: that one is what there is to be told.
    if (replayed === undefined || replayed.problem !== null) return
    for (const timer of set) this.#compare(timer, replayed.delays[timer.id], isFirst)
    for (const [id, ms] of Object.entries(replayed.delays)) {
      if (set.some((timer) => timer.id === id)) continue
      const problem = `${replayed.event}: the chart sets ${id}${ms === null ? '' : ` of ${ms} ms`}, but it was not set`
      this.faults.push({ entry, at, actor, problem })
    }
  }

  #compare(
    { actor, at, id, entry, delayMs }: SetTimer,
    charted: number | null | undefined,
    isFirst: boolean,
  ): void {
    if (charted === null || charted === delayMs || (charted === undefined && isFirst)) return
    const problem =
      charted === undefined
        ? `${id} is set, but the chart does not set it there`
        : `${id} is set to ${delayMs} ms, but the chart sets it to ${charted} ms`
    this.faults.push({ entry, at, actor, problem })
  }

  #findOverdue(at: number, entry: number): void {
    for (const [key, running] of this.#running) {
      const { actor, id, due, passedAt } = running
      if (at <= due) continue
      running.passedAt ??= at
      if (passedAt === null || at - passedAt <= LATE_MS) continue
      this.#running.delete(key)
      const problem = `${id} was due at ${Math.round(due)} ms and has neither come nor been taken back`
      this.faults.push({ entry, at, actor, problem })
    }
  }
}

import type { AnyActorRef } from 'xstate'
import { Schedules } from './schedules.ts'
/* oxlint-disable import/no-unassigned-import -- The client loads these when it needs them first, and a clock that
   stands still does not wait as long as reading a file takes. */
import '../http/index.ts'
import '../dial/private-network.ts'
import '../dial/proxy.ts'

/** The clock that the local server reads and waits on. XState's `createActor(machine, { clock })` takes one as it is. */
export interface Clock {
  /** Calls `fn` once, `ms` milliseconds from now. The result is for `clearTimeout` only. */
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
  /** Milliseconds since the clock's epoch. */
  now(): number
}

/** Node's own timers and `Date.now()`. */
export const realClock: Clock = {
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
  now: () => Date.now(),
}

/** The longest delay Node's `setTimeout` takes, in ms. A longer one fires after 1 ms. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** Enough turns of the event loop for a frame to cross the loopback interface, be answered and cross it back. */
const SETTLE_TURNS = 24

/** Timers that may run at one moment, before the clock takes it for an endless loop. */
const TIMERS_AT_ONCE = 100_000

/** Options of a {@link SimulatedClock}. */
export interface SimulatedClockOptions {
  /** What `now()` says at the beginning, in ms. Default 0. */
  readonly startMs?: number | undefined
  /** Waits until what was set going has come to rest. Default: {@link settle}. */
  readonly settle?: (() => Promise<void>) | undefined
}

/** One timer of a {@link SimulatedClock} that has not run yet. */
export interface PendingTimer {
  /** When it is due, in ms of the clock. */
  readonly at: number
  /** The path of the actor that waits for it, as in `app/connection`; null where `watch` was not called. */
  readonly actor: string | null
  /** The event that comes when it is due, as in `xstate.after.backoff.connection.reconnecting.waiting`. */
  readonly event: string | null
  /** The state whose delay it is, as in `connection.reconnecting.waiting`; null for other timers. */
  readonly state: string | null
}

interface Timer extends PendingTimer {
  readonly id: number
  readonly fn: () => void
}

/**
 * Waits `turns` turns of the event loop (default 24), so that frames between sockets of this process arrive and are
 * answered. No wall-clock time is waited for.
 */
export async function settle(turns: number = SETTLE_TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}

/**
 * A clock that stands still until `advance` moves it. Timers run in the order of their due times, those due at the
 * same time in the order in which they were set, and a timer set by a timer runs at its own right time.
 *
 * As in Node, a delay over 2147483647 ms becomes 1 ms, so that a test sees what production would do; a negative
 * delay or `NaN` is due at once.
 */
export class SimulatedClock implements Clock {
  readonly #timers = new Map<number, Timer>()
  readonly #settle: () => Promise<void>
  readonly #schedules: Schedules = new Schedules()
  #now: number
  #lastId = 0

  constructor(options: SimulatedClockOptions = {}) {
    this.#now = options.startMs ?? 0
    this.#settle = options.settle ?? settle
  }

  now(): number {
    return this.#now
  }

  setTimeout(fn: () => void, ms: number): number {
    const wanted = ms > 0 ? ms : 0
    const delay = wanted > LONGEST_DELAY_MS ? 1 : wanted
    this.#lastId += 1
    this.#timers.set(this.#lastId, {
      at: this.#now + delay,
      id: this.#lastId,
      fn,
      ...this.#schedules.newest(wanted),
    })
    return this.#lastId
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as number)
  }

  /**
   * From now on `pending()` says for which state of this actor, or of another one in its system, a timer is.
   * Call it before `actor.start()` to know them all.
   */
  watch(actor: AnyActorRef): void {
    this.#schedules.watch(actor.system)
  }

  /** All timers that have not run, earliest first; of those due at one time the first that was set. */
  pending(): PendingTimer[] {
    return [...this.#timers.values()]
      .map(({ at, actor, event, state }) => ({ at, actor, event, state }))
      .toSorted((a, b) => a.at - b.at)
  }

  /**
   * Moves the clock to the earliest timer and runs everything due then.
   *
   * @returns by how many ms the clock moved: 0 when something was due already, or when there is no timer
   */
  async next(): Promise<number> {
    await this.#settle()
    const first = this.#earliest()
    const ms = first === undefined ? 0 : Math.max(0, first.at - this.#now)
    await this.advance(ms)
    return ms
  }

  /**
   * Moves the clock `ms` milliseconds on and runs what becomes due. Before each step in time it lets the sockets
   * settle, because a frame in flight may set or clear a timer.
   *
   * Rejects with what a timer throws, or when more than 100000 timers run at one moment; the timers after it stay set.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + Math.max(0, ms)
    for (;;) {
      if (!this.#runDue(this.#now)) {
        await this.#settle()
        if (this.#runDue(this.#now)) continue
        const next = this.#earliest()
        if (next === undefined || next.at > target) break
        this.#now = next.at
      }
    }
    this.#now = target
  }

  /** Runs everything due at `time`, and says whether there was anything. */
  #runDue(time: number): boolean {
    let ran = 0
    for (let timer = this.#earliest(); timer !== undefined && timer.at <= time; timer = this.#earliest()) {
      if (ran >= TIMERS_AT_ONCE) {
        throw new Error(`More than ${TIMERS_AT_ONCE} timers ran at ${time} ms: one seems to set itself anew.`)
      }
      ran += 1
      this.#timers.delete(timer.id)
      timer.fn()
    }
    return ran > 0
  }

  #earliest(): Timer | undefined {
    let best: Timer | undefined
    // A Map keeps insertion order, so "strictly earlier" leaves timers of one time first in, first out.
    for (const timer of this.#timers.values()) {
      if (best === undefined || timer.at < best.at) best = timer
    }
    return best
  }
}

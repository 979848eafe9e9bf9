import { createMachine } from 'xstate'
import { changesBetween } from '../../src/recording/changes.ts'
import type { RecordingEntry, StateValueData } from '../../src/recording/format.ts'
import { type Redactor, plainText, redactEvent } from '../../src/recording/redact.ts'
import { describeChart } from '../chart/describe.ts'

interface Guest {
  readonly path: string
  readonly chart: string | null
  value: StateValueData
  context: unknown
}

interface ReaderOptions {
  readonly redact: Redactor
  readonly now: () => number
  readonly push: (entry: RecordingEntry) => void
}

/** Actors of one sender that are followed. */
const MAX_GUESTS = 10_000

/**
 * Turns the stream of one sender of `@statelyai/inspect` into entries. The stream has no guards, actions and
 * delays, so entries made of it have none. Messages that make no sense are skipped.
 */
export class StatelyReader {
  readonly #options: ReaderOptions
  readonly #guests = new Map<string, Guest>()
  readonly #charts = new Map<string, string>()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  read(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    const session = field(message, 'sessionId')
    if (typeof session !== 'string') return
    const type = field(message, 'type')
    if (type === '@xstate.actor') this.#takeActor(session, message)
    else if (type === '@xstate.snapshot') this.#takeSnapshot(session, message)
  }

  /** The sender is gone, and all its actors with it. */
  end(): void {
    for (const session of this.#guests.keys()) this.#leave(session, 'stopped')
  }

  #takeActor(session: string, message: unknown): void {
    if (this.#guests.has(session) || this.#guests.size >= MAX_GUESTS) return
    const parent = this.#guests.get(String(field(message, 'parentId')))
    const name = (plainText(field(message, 'name')) ?? 'actor').replaceAll('/', ':')
    const wanted = parent === undefined ? `remote:${name}` : `${parent.path}/${name}`
    const taken = new Set([...this.#guests.values()].map(({ path }) => path))
    const path = taken.has(wanted) ? `${wanted}#${this.#guests.size + 1}` : wanted
    const snapshot = field(message, 'snapshot')
    const chart = this.#chartOf(field(message, 'definition'))
    const guest: Guest = { path, chart, value: stateOf(snapshot), context: this.#contextOf(snapshot) }
    this.#guests.set(session, guest)
    const { now, push } = this.#options
    push({
      at: now(),
      kind: 'actor',
      actor: path,
      change: 'started',
      chart,
      session,
      state: guest.value,
      context: guest.context,
    })
  }

  #takeSnapshot(session: string, message: unknown): void {
    const guest = this.#guests.get(session)
    if (guest === undefined) return
    const snapshot = field(message, 'snapshot')
    const event = redactEvent(field(message, 'event'), this.#options.redact)
    const { value: from, context: before } = guest
    guest.value = stateOf(snapshot)
    guest.context = this.#contextOf(snapshot)
    const status = field(snapshot, 'status')
    const { now, push } = this.#options
    if (guest.chart === null) push({ at: now(), kind: 'event', actor: guest.path, event, source: null })
    else {
      push({
        at: now(),
        kind: 'transition',
        actor: guest.path,
        event,
        source: null,
        from,
        to: guest.value,
        taken: [],
        refused: [],
        actions: [],
        changed: changesBetween(before, guest.context),
        status: 'active',
      })
    }
    if (status === 'done' || status === 'stopped') this.#leave(session, status)
    else if (status === 'error') this.#leave(session, 'failed')
  }

  #leave(session: string, change: 'done' | 'stopped' | 'failed'): void {
    const guest = this.#guests.get(session)
    if (guest === undefined) return
    this.#guests.delete(session)
    const { path, chart, value } = guest
    this.#options.push({ at: this.#options.now(), kind: 'actor', actor: path, change, chart, state: value })
  }

  #chartOf(definition: unknown): string | null {
    if (typeof definition !== 'string') return null
    const known = this.#charts.get(definition)
    if (known !== undefined) return known
    try {
      const config = JSON.parse(definition) as { id?: string; states?: object }
      if (config.states === undefined) return null
      const chart = `remote:${plainText(config.id) ?? 'machine'}`
      const model = describeChart(createMachine(config as never))
      this.#charts.set(definition, chart)
      this.#options.push({ at: this.#options.now(), kind: 'chart', chart, model })
      return chart
    } catch {
      return null
    }
  }

  #contextOf(snapshot: unknown): unknown {
    return this.#options.redact(field(snapshot, 'context'))
  }
}

/** The `value` of a snapshot, where it is one. */
function stateOf(snapshot: unknown): StateValueData {
  const value = field(snapshot, 'value')
  return isState(value) ? value : null
}

function isState(value: unknown): value is StateValueData {
  if (typeof value === 'string') return true
  return typeof value === 'object' && value !== null && Object.values(value).every(isState)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

import { State, createMachine } from 'xstate'
import { type Chart, toV4Config } from './v4-config.ts'

/** What is used of an actor of XState 5. */
export interface ActorLike {
  readonly id: string
  readonly sessionId: string
  send(event: { readonly type: string }): void
}

export interface FacadeOptions {
  readonly actor: ActorLike
  /** Its chart; null for an actor without states. */
  readonly chart: Chart | null
  readonly allowSend: boolean
}

type Listener<Value> = (value: Value) => void
type V4State = ReturnType<typeof toState>

/**
 * An actor of XState 5, dressed as what XState 4 calls an interpreter: as much of one as `@xstate/inspect` 0.8 asks
 * for. That package replaces `send` with one that reports each event before it passes it on.
 */
export class Facade {
  readonly id: string
  readonly sessionId: string
  readonly machine: ReturnType<typeof createMachine>
  state: V4State
  readonly #options: FacadeOptions
  readonly #next: Listener<V4State>[] = []
  readonly #stops: (() => void)[] = []
  #isReport = false
  /** An event came from a receiver and was reported already. */
  #isReported = false

  constructor(options: FacadeOptions, snapshot: unknown, event: { readonly type: string }) {
    const { actor, chart } = options
    this.#options = options
    this.id = actor.id
    this.sessionId = actor.sessionId
    this.machine = createMachine({
      ...(chart === null ? { id: actor.id } : toV4Config(chart)),
      predictableActionArguments: true,
    } as never)
    this.state = toState(this.sessionId, snapshot, event)
  }

  subscribe(next: Listener<V4State>): { unsubscribe(): void } {
    this.#next.push(next)
    return { unsubscribe: () => void this.#next.splice(this.#next.indexOf(next), 1) }
  }

  onStop(listener: () => void): this {
    this.#stops.push(listener)
    return this
  }

  /** Called by a receiver, with an SCXML event; and by `report`, which only wants it to be seen. */
  send(event: { readonly data?: unknown }): void {
    const { actor, allowSend } = this.#options
    if (this.#isReport || !allowSend) return
    const { data } = event
    if (typeof data !== 'object' || data === null || typeof Reflect.get(data, 'type') !== 'string') return
    this.#isReported = true
    actor.send(data as { type: string })
    this.#isReported = false
  }

  /** Shows an event that the actor was sent. */
  report(event: { readonly type: string }): void {
    if (this.#isReported) return
    this.#isReport = true
    try {
      this.send(event as never)
    } finally {
      this.#isReport = false
    }
  }

  update(snapshot: unknown, event: { readonly type: string }): void {
    this.state = toState(this.sessionId, snapshot, event)
    for (const next of this.#next) next(this.state)
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }
}

/** A state of XState 4. Actors without states have an empty value. */
function toState(sessionId: string, snapshot: unknown, event: { readonly type: string }) {
  return State.create<Record<string, unknown>, { type: string }>({
    value: (readField(snapshot, 'value') ?? {}) as never,
    context: (readField(snapshot, 'context') ?? {}) as Record<string, unknown>,
    _event: { name: event.type, data: event, $$type: 'scxml', type: 'external' },
    _sessionid: sessionId,
    historyValue: undefined,
    actions: [],
    activities: undefined,
    meta: {},
    events: [],
    configuration: [],
    transitions: [],
    children: {},
    done: readField(snapshot, 'status') === 'done',
  } as never)
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

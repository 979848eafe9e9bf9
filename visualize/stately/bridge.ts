import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { RecordingEntry } from '../../src/recording/format.ts'
import { type Redactor, redactEvent } from '../../src/recording/redact.ts'
import type { Viewer, Welcome } from '../server/viewers.ts'
import { definitionOf } from './definition.ts'
import { type StatelyMessage, STATELY_VERSION } from './messages.ts'
import { StatelyReader } from './reader.ts'

export interface StatelyOptions {
  readonly redact: Redactor
  readonly now: () => number
  /** Takes what comes in from apps that send the stream of `@statelyai/inspect`. */
  readonly push: (entry: RecordingEntry) => void
}

/**
 * Speaks the stream of `@statelyai/inspect` both ways: its `createWebSocketReceiver` hears the watched actors, and
 * its `createWebSocketInspector` in another app puts that app's actors on the page. While nobody is connected an
 * inspection event costs one look into a map.
 */
export class StatelyBridge {
  readonly #options: StatelyOptions
  readonly #viewers = new Set<Viewer>()
  readonly #live = new Map<string, WeakRef<AnyActorRef>>()

  constructor(options: StatelyOptions) {
    this.#options = options
  }

  get viewers(): number {
    return this.#viewers.size
  }

  readonly welcome: Welcome = (viewer, onMessage, onGone) => {
    const reader = new StatelyReader(this.#options)
    this.#viewers.add(viewer)
    onMessage((text) => reader.read(text))
    onGone(() => {
      this.#viewers.delete(viewer)
      reader.end()
    })
    for (const [session, ref] of this.#live) {
      const actor = ref.deref()
      if (actor === undefined) this.#live.delete(session)
      else viewer.send(JSON.stringify(this.#actorMessage(actor)))
    }
  }

  /** Never throws. */
  inspect(event: InspectionEvent): void {
    try {
      this.#take(event)
    } catch {
      // A stream that misses one message is better than an app that misses an event.
    }
  }

  #take(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef
    if (event.type === '@xstate.event') {
      if (!this.#live.has(actor.sessionId)) {
        this.#live.set(actor.sessionId, new WeakRef(actor))
        this.#say(() => this.#actorMessage(actor))
      }
      const source = event.sourceRef?.sessionId
      this.#say(() => ({
        ...this.#base(actor),
        type: '@xstate.event',
        sourceId: source,
        event: this.#event(event.event),
      }))
    } else if (event.type === '@xstate.snapshot') {
      if (readField(event.snapshot, 'status') !== 'active') this.#live.delete(actor.sessionId)
      this.#say(() => ({
        ...this.#base(actor),
        type: '@xstate.snapshot',
        event: this.#event(event.event),
        snapshot: this.#snapshot(event.snapshot),
      }))
    }
  }

  #say(make: () => StatelyMessage): void {
    if (this.#viewers.size === 0) return
    const text = JSON.stringify(make())
    for (const viewer of this.#viewers) if (viewer.isReady) viewer.send(text)
  }

  #base(actor: AnyActorRef) {
    return {
      sessionId: actor.sessionId,
      rootId: rootOf(actor).sessionId,
      createdAt: String(Date.now()),
      id: null,
      _version: STATELY_VERSION,
    }
  }

  #actorMessage(actor: AnyActorRef): StatelyMessage {
    const config = readField(readField(actor, 'logic'), 'config')
    const machineId = readField(config, 'id')
    const name = actor.id === actor.sessionId && typeof machineId === 'string' ? machineId : actor.id
    return {
      ...this.#base(actor),
      type: '@xstate.actor',
      name,
      parentId: actor._parent?.sessionId,
      definition: definitionOf(config, name),
      snapshot: this.#snapshot(actor.getSnapshot()),
    }
  }

  #event(event: unknown): { type: string } {
    return redactEvent(event, this.#options.redact)
  }

  #snapshot(snapshot: unknown): unknown {
    const children = Object.keys((readField(snapshot, 'children') ?? {}) as object)
    const tags = readField(snapshot, 'tags')
    return {
      status: readField(snapshot, 'status'),
      value: readField(snapshot, 'value'),
      context: this.#options.redact(readField(snapshot, 'context')),
      children: Object.fromEntries(children.map((id) => [id, { xstate$$type: 1, id }])),
      tags: tags instanceof Set ? [...tags] : [],
    }
  }
}

function rootOf(actor: AnyActorRef): AnyActorRef {
  let root = actor
  while (root._parent !== undefined) root = root._parent
  return root
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

import type { ResponsesServer } from '../../../src/testing/index.ts'

type Frame = Readonly<Record<string, unknown>>
type Items = readonly unknown[]

/** A create that the server has begun to answer, and what it answered it from. */
export interface Started {
  readonly responseId: string
  readonly isWarmUp: boolean
  /** All that the server knew: what it continued, and the input. */
  readonly context: Items
}

/**
 * What a server knew when it answered, put together from nothing but the frames that crossed the wire and the ids that
 * it gave.
 */
export class ServerMind {
  readonly #server: ResponsesServer
  /** By response: its whole chain, its output included. */
  readonly #known = new Map<string, Items>()
  readonly #contexts = new Map<string, Items>()
  /** Responses of which more than a refusal was sent. */
  readonly #answered = new Set<string>()
  #seen = 0
  /** Creates that were not looked at yet because the server had not begun them. */
  #creates: { readonly frame: Frame; readonly index: number }[] = []
  #count = 0

  constructor(server: ResponsesServer) {
    this.#server = server
  }

  /** Reads on, and gives what has begun since the last time. */
  read(): Started[] {
    const entries = this.#server.transcript().slice(this.#seen)
    this.#seen += entries.length
    const ended: Frame[] = []
    for (const { direction, text } of entries) {
      const frame = frameOf(text)
      if (direction === 'in' && frame['type'] === 'response.create') {
        this.#creates.push({ frame, index: this.#count })
        this.#count += 1
      }
      if (direction === 'out') {
        const id = responseIdOf(frame)
        if (id !== null) this.#answered.add(id)
        if (id !== null && /\.(completed|incomplete)$/.test(String(frame['type']))) ended.push(frame)
      }
    }
    const started: Started[] = []
    const records = this.#server.requests()
    for (const frame of [...ended, null]) {
      // What has ended was begun before, and may be what the next one continued.
      this.#creates = this.#creates.filter(({ frame: create, index }) => {
        const responseId = records[index]?.responseId ?? null
        const previous = (create['previous_response_id'] ?? null) as string | null
        if (responseId === null || (previous !== null && !this.#known.has(previous))) return true
        const context = [
          ...(previous === null ? [] : (this.#known.get(previous) ?? [])),
          ...(create['input'] as Items),
        ]
        this.#contexts.set(responseId, context)
        started.push({ responseId, context, isWarmUp: create['generate'] === false })
        return false
      })
      if (frame !== null) this.#end(frame)
    }
    return started
  }

  /**
   * How often the server may have done the work of a turn: begun it, and not refused it before anything else was said.
   * Turns are told by the last message of the client's in what they were answered from.
   */
  runs(contexts: ReadonlyMap<string, Items>): Map<string, number> {
    const runs = new Map<string, number>()
    for (const { responseId, outcome, warmup } of this.#server.requests()) {
      if (responseId === null || warmup) continue
      if (outcome === 'error' && !this.#answered.has(responseId)) continue
      const marker = markerOf(contexts.get(responseId) ?? [])
      runs.set(marker, (runs.get(marker) ?? 0) + 1)
    }
    return runs
  }

  /** Creates that have begun, and continued something that was never known. */
  get unexplained(): number {
    const records = this.#server.requests()
    return this.#creates.filter(({ index }) => (records[index]?.responseId ?? null) !== null).length
  }

  #end(frame: Frame): void {
    const { id, output } = frame['response'] as { id: string; output: Items }
    const context = this.#contexts.get(id)
    if (context !== undefined) this.#known.set(id, [...context, ...output])
  }
}

/** The text of the last message that the client wrote. */
export function markerOf(items: Items): string {
  const last = (items as readonly { role?: string; content?: unknown }[]).findLast(
    ({ role }) => role === 'user',
  )
  return typeof last?.content === 'string' ? last.content : ''
}

function frameOf(text: string | undefined): Frame {
  try {
    return JSON.parse(text ?? '') as Frame
  } catch {
    return {}
  }
}

function responseIdOf(frame: Frame): string | null {
  return (frame['response'] as { id?: string } | undefined)?.id ?? null
}

/** Ids of calls that have no output. */
export function openCalls(history: readonly unknown[]): string[] {
  const open = new Set<string>()
  for (const { type, call_id: id } of history as readonly { type?: string; call_id?: string }[]) {
    if (id === undefined) continue
    if (type === 'function_call') open.add(id)
    else open.delete(id)
  }
  return [...open]
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  FRAME_CHANNEL,
  FRAME_TEXT_CHANNEL,
  type FrameNote,
  type FrameTextNote,
} from '../socket/frame-channel.ts'
import type { RecordingEntry } from './format.ts'
import { plainText } from './redact.ts'

/** Frames of one type that follow one another within this time share an entry. */
const SHARED_MS = 50
/** However many come in that time, a line stays short. */
const SHARED_FRAMES = 256

export interface FrameOptions {
  readonly now: () => number
  readonly push: (entry: RecordingEntry) => void
  /** The path of a connection actor by its `sessionId`; undefined for one that is not recorded. */
  readonly pathOf: (session: string) => string | undefined
  /** Bytes of each frame's text that are kept. Default: no texts. */
  readonly maxTextBytes?: number | undefined
}

/**
 * Records the size, type and time of every frame while it runs, and their texts where they are asked for. A flood of
 * deltas costs two numbers each, not an entry each: what follows within 50 ms shares the entry before, unless it has a
 * text. An entry is pushed when it is complete.
 */
export class FrameRecorder {
  readonly #options: FrameOptions
  readonly #channel: string
  #open: Run | null = null

  constructor(options: FrameOptions) {
    this.#options = options
    this.#channel = options.maxTextBytes === undefined ? FRAME_CHANNEL : FRAME_TEXT_CHANNEL
    subscribe(this.#channel, this.#take)
  }

  /** Pushes what has been counted so far. Call it before entries are read. */
  flush(): void {
    const open = this.#open
    this.#open = null
    if (open === null) return
    const { note, at, bytes, each } = open
    const path = this.#options.pathOf(note.connection)
    if (path === undefined) return
    this.#options.push({
      at,
      kind: 'frame',
      actor: path,
      connectionId: note.connectionId,
      direction: note.direction,
      frame: note.kind,
      type: plainText(note.type),
      bytes,
      count: each.length,
      spanMs: each.at(-1)?.[0] ?? 0,
      ...(each.length > 1 && { each }),
      ...textOf(note, this.#options.maxTextBytes ?? 0),
    })
  }

  stop(): void {
    unsubscribe(this.#channel, this.#take)
    this.flush()
  }

  readonly #take = (message: unknown): void => {
    try {
      this.#count(message as AnyNote)
    } catch {
      // What a subscriber throws becomes an uncaught exception of the app: a frame that is not counted is better.
    }
  }

  #count(note: AnyNote): void {
    const now = this.#options.now()
    const open = this.#open
    if (open !== null && hasRoom(open, now) && isSameRun(open.note, note)) {
      open.bytes += note.bytes
      open.each.push([Math.round((now - open.at) * 1000) / 1000, note.bytes])
      return
    }
    this.flush()
    this.#open = { note, at: now, bytes: note.bytes, each: [[0, note.bytes]] }
  }
}

interface Run {
  readonly note: AnyNote
  readonly at: number
  bytes: number
  readonly each: [afterMs: number, bytes: number][]
}

function hasRoom({ at, each }: Run, now: number): boolean {
  return now - at < SHARED_MS && each.length < SHARED_FRAMES
}

type AnyNote = FrameNote & Partial<Pick<FrameTextNote, 'text'>>

function textOf({ text }: AnyNote, maxBytes: number): { text?: string; cutBytes?: number } {
  if (text == null) return {}
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return { text }
  // A decoder that more may come for leaves out a character that was cut in two.
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true })
  return { text: kept, cutBytes: bytes.length - Buffer.byteLength(kept) }
}

function isSameRun(a: AnyNote, b: AnyNote): boolean {
  return (
    a.text == null &&
    b.text == null &&
    a.type === b.type &&
    a.direction === b.direction &&
    a.kind === b.kind &&
    a.connection === b.connection &&
    a.connectionId === b.connectionId
  )
}

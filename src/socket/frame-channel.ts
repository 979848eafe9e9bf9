import { channel } from 'node:diagnostics_channel'
import type { Scrub } from '../dial/scrub.ts'
import { shownText } from './frame-text.ts'

/** One WebSocket frame as `node:diagnostics_channel` subscribers of `holdline:frame` see it. No content. */
export interface FrameNote {
  /** The `sessionId` of the connection actor. */
  readonly connection: string
  /** Counts the sockets of that connection actor from 1. */
  readonly connectionId: number
  readonly direction: 'in' | 'out'
  readonly kind: 'message' | 'ping' | 'pong'
  /** The event's `type`; null for pings, pongs and frames without a plain type of at most 64 characters. */
  readonly type: string | null
  /** Size of the payload, before compression. */
  readonly bytes: number
}

/** Name of the channel. Subscribe with `diagnostics_channel.subscribe(FRAME_CHANNEL, listener)`. */
export const FRAME_CHANNEL = 'holdline:frame'

/** A frame together with what it says. */
export interface FrameTextNote extends FrameNote {
  /** Its text without credentials; null for binary frames, pings and pongs. */
  readonly text: string | null
}

/** Name of the channel that carries contents as well. It costs a frame's parsing and writing while it is heard. */
export const FRAME_TEXT_CHANNEL = 'holdline:frame-text'

const frames = channel(FRAME_CHANNEL)
const texts = channel(FRAME_TEXT_CHANNEL)
const PLAIN_TYPE = /^[\w.-]{1,64}$/

/** Who the frames of one socket belong to. */
export interface FrameSource {
  readonly connection: string
  readonly connectionId: number
  /** Takes the secrets of that socket out of what its peer wrote. */
  readonly scrub: Scrub
}

/** True while somebody listens. Ask before a note is made: without subscribers a frame costs two reads. */
export function framesAreWatched(): boolean {
  return frames.hasSubscribers || texts.hasSubscribers
}

export function noteFrame(
  source: FrameSource,
  direction: FrameNote['direction'],
  kind: FrameNote['kind'],
  type: unknown,
  bytes: number,
  payload: string | Buffer | null,
): void {
  // Field by field: a spread is most of what a note would cost.
  const { connection, connectionId } = source
  const note: FrameNote = { connection, connectionId, direction, kind, type: plainTypeOf(type), bytes }
  if (frames.hasSubscribers) frames.publish(note)
  if (!texts.hasSubscribers) return
  const text = payload === null ? null : shownText(payload.toString(), source.scrub)
  texts.publish({ ...note, text } satisfies FrameTextNote)
}

/** Types seen before, so that a flood of one type is not matched again and again. Bounded: servers choose them. */
const plainTypes = new Set<string>()
const MAX_PLAIN_TYPES = 256

/** The server chooses the type, so only what looks like one may pass as one. */
function plainTypeOf(type: unknown): string | null {
  if (typeof type !== 'string') return null
  if (plainTypes.has(type)) return type
  if (!PLAIN_TYPE.test(type)) return null
  if (plainTypes.size < MAX_PLAIN_TYPES) plainTypes.add(type)
  return type
}

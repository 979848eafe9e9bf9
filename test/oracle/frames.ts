import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/** RFC 6455 section 5.2. */
export const Opcode = { more: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

export interface Frame {
  readonly opcode: number
  readonly isLast: boolean
  readonly payload: Buffer
}

/** One frame from a server: not masked. */
export function encodeFrame(opcode: number, payload: Buffer, isLast = true): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = (isLast ? 0x80 : 0) | opcode
  if (length < 126) head[1] = length
  else if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}

/** A close frame; without a code it has no body (section 5.5.1). */
export function encodeClose(code: number | null, reason = ''): Buffer {
  if (code === null) return encodeFrame(Opcode.close, Buffer.alloc(0))
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return encodeFrame(Opcode.close, Buffer.concat([body, Buffer.from(reason)]))
}

/** A text in fragments, with a ping after each but the last: control frames may stand between (section 5.4). */
export function encodeFragments(text: string, parts: number): Buffer {
  const bytes = Buffer.from(text)
  const size = Math.max(1, Math.ceil(bytes.length / parts))
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const isLast = at + size >= bytes.length
    frames.push(encodeFrame(at === 0 ? Opcode.text : Opcode.more, bytes.subarray(at, at + size), isLast))
    if (!isLast) frames.push(encodeFrame(Opcode.ping, Buffer.from('between')))
  }
  return Buffer.concat(frames)
}

/** Takes masked frames out of a client's bytes, however they were cut. */
export class FrameDecoder {
  #rest: Buffer = Buffer.alloc(0)

  take(bytes: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: Frame[] = []
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame | null {
    const data = this.#rest
    if (data.length < 2) return null
    const [first, second] = data as unknown as [number, number]
    const short = second & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const start = 2 + lengthBytes + 4
    if (data.length < start) return null
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2))
    if (data.length < start + length) return null
    const mask = data.subarray(start - 4, start)
    const payload = Buffer.from(data.subarray(start, start + length))
    for (let at = 0; at < length; at += 1) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0)
    this.#rest = data.subarray(start + length)
    return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, payload }
  }
}

/** `Sec-WebSocket-Accept` (section 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

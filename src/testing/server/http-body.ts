import type { IncomingMessage } from 'node:http'
import * as zlib from 'node:zlib'
import type { ErrorFrame } from '../script/types.ts'

type Unpack = (data: Buffer, options: { maxOutputLength: number }) => Buffer

/** Node has zstd from 22.15 on. */
const zstd = (zlib as { zstdDecompressSync?: Unpack }).zstdDecompressSync

const unpackers: Readonly<Record<string, Unpack | undefined>> = {
  identity: (data) => data,
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: zlib.inflateSync,
  zstd,
}

/** Reads the body of a request whole, whatever it is compressed with (RFC 9110 section 8.4). */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: { readonly text: string } | { readonly refused: ErrorFrame }) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  request.on('error', () => {})
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
  })
  request.on('end', () => {
    if (size > maxBytes) return done({ refused: TOO_LARGE })
    done(unpacked(Buffer.concat(chunks), request.headers['content-encoding'] ?? 'identity', maxBytes))
  })
}

const TOO_LARGE: ErrorFrame = { status: 413, message: 'The body is too large.' }

function unpacked(
  body: Buffer,
  coding: string,
  maxBytes: number,
): { text: string } | { refused: ErrorFrame } {
  const name = coding.trim().toLowerCase()
  const unpack = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined
  if (unpack === undefined) {
    const message = `Unsupported content-encoding: '${name.slice(0, 64)}'.`
    return { refused: { status: 415, message } }
  }
  try {
    return { text: unpack(body, { maxOutputLength: maxBytes }).toString() }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return { refused: TOO_LARGE }
    return { refused: { status: 400, message: `The body is not what its content-encoding says: ${name}.` } }
  }
}

import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { RequestBody } from '../index.ts'

type FetchInput = Parameters<typeof fetch>[0]
type FetchInit = Parameters<typeof fetch>[1]

/** A `POST …/responses` that can be a turn. */
export interface ResponsesRequest {
  readonly body: RequestBody
  readonly isStream: boolean
  readonly headers: Headers
  readonly url: string
  readonly signal: AbortSignal | undefined
  /** Makes the same request over HTTP. The body was read, and is sent from memory. */
  readonly overHttp: (fetchHttp: typeof fetch) => Promise<Response>
}

/** A request that is none of ours, with what has been read of its body. */
export interface OtherRequest {
  readonly overHttp: (fetchHttp: typeof fetch) => Promise<Response>
}

/** Fields with which only HTTP can do something, or that would be read as something else over a WebSocket. */
const HTTP_ONLY = ['background_options', 'conversation', 'generate', 'stream_id', 'type'] as const

/** Reads what `fetch` was called with. A body is read only of what may be a turn. */
export async function readRequest(
  input: FetchInput,
  init: FetchInit,
): Promise<ResponsesRequest | OtherRequest> {
  const untouched = { overHttp: (fetchHttp: typeof fetch) => fetchHttp(input, init) }
  const given = typeof input === 'object' && 'url' in input ? input : null
  const url = given?.url ?? `${input as string | URL}`
  const method = (init?.method ?? given?.method ?? 'GET').toUpperCase()
  if (method !== 'POST' || !URL.canParse(url)) return untouched
  if (!/\/responses\/?$/.test(new URL(url).pathname)) return untouched

  const headers = new Headers(init?.headers ?? given?.headers)
  const signal = init?.signal ?? given?.signal ?? undefined
  signal?.throwIfAborted()
  const bytes = await untilAborted(readBody(given, init), signal)
  if (bytes === null) return untouched
  const { duplex: _duplex, ...rest } = (init ?? {}) as RequestInit & { readonly duplex?: unknown }
  const overHttp = (fetchHttp: typeof fetch) => fetchHttp(input, { ...rest, body: bytes })
  const body = await parse(bytes, headers.get('content-encoding'))
  if (body === null || isForHttp(body)) return { overHttp }
  return { body: body as RequestBody, isStream: body['stream'] === true, headers, url, signal, overHttp }
}

async function readBody(given: Request | null, init: FetchInit): Promise<Uint8Array<ArrayBuffer> | null> {
  const body = init?.body ?? null
  if (body === null) return given?.body == null ? null : new Uint8Array(await given.arrayBuffer())
  return new Uint8Array(await new Response(body as never).arrayBuffer())
}

/** The JSON object of a body; null for anything else, which a server answers best. */
async function parse(bytes: Uint8Array, encoding: string | null): Promise<Record<string, unknown> | null> {
  try {
    const plain = await decoded(bytes, encoding)
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** A small body can hold any amount of text. */
const DECODED = { maxOutputLength: 256 * 1024 * 1024 }

type Decoder = (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Uint8Array>

async function decoded(bytes: Uint8Array, encoding: string | null): Promise<Uint8Array> {
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  let plain = bytes
  for (const name of names.toReversed()) {
    if (name === '' || name === 'identity') continue
    const decode = DECODERS[name]
    if (decode === undefined) throw new TypeError('a coding that this Node does not know')
    plain = await decode(plain, DECODED)
  }
  return plain
}

/** Node has zstd from 22.15 on. */
const zstd = (zlib as unknown as { readonly zstdDecompress?: typeof zlib.gunzip }).zstdDecompress

const DECODERS: Readonly<Record<string, Decoder | undefined>> = {
  gzip: promisify(zlib.gunzip) as Decoder,
  'x-gzip': promisify(zlib.gunzip) as Decoder,
  deflate: promisify(zlib.inflate) as Decoder,
  br: promisify(zlib.brotliDecompress) as Decoder,
  zstd: zstd && (promisify(zstd) as Decoder),
}

function isForHttp(body: Record<string, unknown>): boolean {
  if (body['background'] === true) return true
  return HTTP_ONLY.some((field) => (body[field] ?? null) !== null)
}

async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise
  const settled = new AbortController()
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: settled.signal })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    settled.abort()
  }
}

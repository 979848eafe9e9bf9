import * as v from 'valibot'
import type { InputItem, ResponseCreateEvent, UsageInfo } from '../protocol/index.ts'
import { readBody } from './body.ts'
import { brokenExchange, notAsAsked, tooLarge } from './errors.ts'
import { type Answer, type HttpCall, exchange } from './exchange.ts'
import { compactUrlOf } from './http-url.ts'

/** The body of `POST …/responses/compact`. Further fields are sent as they are. */
export type CompactBody = Pick<
  ResponseCreateEvent,
  | 'model'
  | 'input'
  | 'instructions'
  | 'previous_response_id'
  | 'prompt_cache_key'
  | 'prompt_cache_options'
  | 'prompt_cache_retention'
  | 'service_tier'
> & { readonly type?: never; readonly stream_id?: never; readonly generate?: never }

/**
 * A compacted window. Begin a new chain with it: `output` as it is, then the new items, and no
 * `previous_response_id`. `id` names no response that could be continued.
 */
export interface CompactedResponse {
  readonly id: string
  readonly object?: string | null | undefined
  /** Unix time, in seconds. */
  readonly created_at?: number | null | undefined
  readonly output: readonly InputItem[]
  readonly usage?: UsageInfo | null | undefined
}

export interface CompactRequest extends HttpCall {
  /** Send the whole history where responses are not stored: what a socket remembered is not known here. */
  readonly body: CompactBody
}

const count = v.nullish(v.number())

const compacted = v.looseObject({
  id: v.pipe(v.string(), v.nonEmpty()),
  object: v.nullish(v.string()),
  created_at: count,
  output: v.array(v.looseObject({ type: v.nullish(v.string()) })),
  usage: v.nullish(v.looseObject({ input_tokens: count, output_tokens: count, total_tokens: count })),
})

/**
 * Compacts a history over `POST …/responses/compact` (Compaction guide). It has no clock: `signal` bounds it.
 * `maxPayloadBytes` of the transport bounds the answer.
 *
 * @throws HttpStatusError for a status other than 2xx
 * @throws HttpExchangeError when the connection was not made or broke, or the answer is too large or no
 *   compacted response
 * @throws HoldlineError as `streamResponse` does, before anything is sent
 */
export function compactResponse(request: CompactRequest): Promise<CompactedResponse> {
  const target = { urlOf: compactUrlOf, accept: 'application/json', body: request.body }
  return exchange(request, target, readCompacted)
}

async function readCompacted(answer: Answer): Promise<CompactedResponse> {
  const value = parseJson(answer.scrub.event(await readText(answer)))
  const result = v.safeParse(compacted, value, { abortEarly: true })
  // The value itself, not the schema's copy of it: items go back to the server as they came.
  if (result.success) return value as CompactedResponse
  const path = v.getDotPath(result.issues[0])
  throw notAsAsked(`is no compacted response${path === null ? '' : ` (at ${path})`}`, answer.reach)
}

async function readText({ response, reach, maxPayloadBytes }: Answer): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of readBody(response)) {
      bytes += chunk.length
      if (bytes > maxPayloadBytes) throw tooLarge('an answer', maxPayloadBytes, reach)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    throw brokenExchange(error, reach)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { parseHttpDate } from './http-date.ts'

/** A header's value as Node, `fetch` or an `error` frame gives it. Of a list, the first counts. */
export type HeaderValue = string | readonly string[] | number | boolean | undefined

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/

/**
 * How long the server asks us to wait, in ms, or null if it does not say.
 *
 * `retry-after-ms` goes first, or Azure's `x-ms-retry-after-ms`; then `retry-after`, in seconds (fractions too) or as
 * an HTTP date, which is compared with the server's own `date`, or else with `nowMs` (Unix time in ms). A time in the
 * past is 0. What is neither is as good as absent. Names of headers are compared without case.
 *
 * Source: RFC 9110 section 10.2.3; `retry-after-ms` is the OpenAI API's own.
 */
export function parseRetryAfter(
  headers: Readonly<Record<string, HeaderValue>>,
  nowMs: number,
): number | null {
  const inMs = textOf(headers, 'retry-after-ms') ?? textOf(headers, 'x-ms-retry-after-ms')
  const fromMs = inMs === null ? null : waitOf(decimal(inMs))
  if (fromMs !== null) return fromMs
  const text = textOf(headers, 'retry-after')
  if (text === null) return null
  const seconds = decimal(text)
  if (seconds !== null) return waitOf(seconds * 1000)
  const date = parseHttpDate(text, nowMs)
  if (date === null) return null
  // By the server's own clock where it says what that is: ours may be wrong.
  const serverNow = parseHttpDate(textOf(headers, 'date') ?? '', nowMs)
  return waitOf(date - (serverNow ?? nowMs))
}

function textOf(headers: Readonly<Record<string, HeaderValue>>, name: string): string | null {
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue
    const first = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') return first.trim()
    if (typeof first === 'number') return String(first)
  }
  return null
}

function decimal(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null
}

/** Rounds up, because a server that says 0.4 ms more means it; digits without end are no wait but a fault. */
function waitOf(ms: number | null): number | null {
  if (ms === null || !Number.isFinite(ms)) return null
  return Math.max(0, Math.ceil(ms))
}

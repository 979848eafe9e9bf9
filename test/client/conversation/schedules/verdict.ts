import { isDeepStrictEqual } from 'node:util'
import type { Report } from './run.ts'
import { markerOf } from './run.ts'
import type { Asked } from './talk.ts'
import type { WireEntry } from './wire-log.ts'

type Event = WireEntry['event']

/** One `response.create` on the wire, and the server's first answer to it as the client could see it. */
interface Sending {
  readonly marker: string
  readonly answer: Event | null
}

/** Times that one turn may be sent again: once for each remedy, three times for a wait, twice to back off. */
const MOST_SENDINGS = 1 + 5 + 3 + 2

/** Sentences about everything that must not have happened. */
export function verdictOn(report: Report): string[] {
  const sendings = sendingsOf(report.wire.entries)
  const asked = report.talks.flatMap((talk) => talk.asked)
  return [
    ...report.problems,
    ...asked.flatMap((one) => [
      ...settledOnce(one),
      ...sentAsAllowed(
        one,
        sendings.filter(({ marker }) => marker === one.marker),
      ),
      ...sameHistory(one, report.seen.get(one.marker) ?? []),
    ]),
  ]
}

function settledOnce({ marker, results, turn, response, error, read }: Asked): string[] {
  if (!read) return [`${marker}: its events never end`]
  if (response === null && error === null) return [`${marker}: never settles`]
  // A chart that is stopped says nothing any more.
  if (results.length > 1) return [`${marker}: settles ${results.length} times`]
  const [result] = results
  if (result !== undefined && result.outcome !== turn.outcome) return [`${marker}: two outcomes`]
  return []
}

function sentAsAllowed({ marker, replay, error, resent }: Asked, sendings: readonly Sending[]): string[] {
  const problems: string[] = []
  const say = (problem: string): unknown => problems.push(`${marker} (${replay}): ${problem}`)
  if (sendings.length > MOST_SENDINGS) say(`sent ${sendings.length} times`)
  if (sendings.length > resent.length + 1) say('sent again without a word')
  for (const { answer } of sendings.slice(0, -1)) {
    if (replay === 'never') say('sent again')
    else if (answer === null && replay !== 'unanswered') say('sent again without an answer')
    else if (answer !== null && !isSafeRefusal(answer)) say(`sent again after ${JSON.stringify(answer)}`)
  }
  if (sendings.filter(({ answer }) => answer === null).length > 2) say('sent thrice without an answer')
  const didNotRun = sendings.every(({ answer }) => answer !== null && isSafeRefusal(answer))
  if (error?.resendIsSafe === true && !didNotRun) say('calls a resend safe that is not')
  return problems
}

/** What the server started from, and what it answered, is what the client keeps. */
function sameHistory({ marker, response, history }: Asked, seen: readonly unknown[]): string[] {
  if (response === null) return []
  const kept =
    response.status === 'completed'
      ? response.output
      : response.output.filter(({ type }) => !type.endsWith('_call'))
  return isDeepStrictEqual(history, [...seen, ...kept]) ? [] : [`${marker}: the histories differ`]
}

function sendingsOf(entries: readonly WireEntry[]): Sending[] {
  return entries.flatMap((entry, at) => {
    if (entry.what !== 'sent' || entry.event['type'] !== 'response.create') return []
    if (entry.event['generate'] === false) return []
    const marker = markerOf(entry.event['input'] as readonly unknown[])
    return [{ marker, answer: firstAnswer(entries, at) }]
  })
}

/** The first event of its lane and socket that does not name a response of an earlier create. */
function firstAnswer(entries: readonly WireEntry[], at: number): Event | null {
  const create = entries[at] as WireEntry
  const isOfLane = (entry: WireEntry): boolean =>
    entry.socket === create.socket && laneOf(entry.event) === laneOf(create.event)
  const known = new Set(entries.slice(0, at).map(({ event }) => idOf(event)))
  for (const entry of entries.slice(at + 1)) {
    if (!isOfLane(entry)) continue
    const { what, event } = entry
    if (what === 'sent' && event['type'] === 'response.create') return null
    if (what !== 'received' || typeof event['type'] !== 'string') continue
    const id = idOf(event)
    if (id !== undefined && (known.has(id) || id === 'resp_stale')) continue
    return event
  }
  return null
}

function laneOf(event: Event): unknown {
  return event['stream_id'] ?? null
}

function idOf(event: Event): unknown {
  return (event['response'] as { id?: unknown } | undefined)?.id
}

const SAFE_CODES: ReadonlySet<unknown> = new Set([
  'previous_response_not_found',
  'websocket_connection_limit_reached',
  'websocket_stream_limit_reached',
  'invalid_stream_id',
  'rate_limit_exceeded',
  'server_is_overloaded',
  'slow_down',
  'server_error',
  'invalid_api_key',
])

const UNSAFE_CODES: ReadonlySet<unknown> = new Set([
  'insufficient_quota',
  'context_length_exceeded',
  'invalid_prompt',
])

/** An `error` whose code, type or status says that nothing ran. */
function isSafeRefusal(event: Event): boolean {
  if (event['type'] !== 'error') return false
  const inner = (event['error'] ?? {}) as Event
  for (const name of [inner['code'] ?? event['code'], inner['type']]) {
    if (SAFE_CODES.has(name)) return true
    if (UNSAFE_CODES.has(name)) return false
  }
  const status = Number(event['status'] ?? event['status_code'])
  return status === 401 || status === 404 || status === 429 || status >= 500
}

/** What helps against a refusal that proves that nothing ran: why it is sent again, how often, and how soon. */
export interface ModelRemedy {
  readonly reason: string
  readonly times: number
  readonly waits: 'no' | 'as asked' | 'at least as asked'
}

const remedy = (reason: string, times: number, waits: ModelRemedy['waits'] = 'no'): ModelRemedy => ({
  reason,
  times,
  waits,
})

/** By code, as the documentation of the errors has it. What is not here is not sent again. */
const REMEDIES: Readonly<Record<string, ModelRemedy>> = {
  previous_response_not_found: remedy('replay', 1),
  websocket_connection_limit_reached: remedy('fresh-connection', 1),
  websocket_stream_limit_reached: remedy('another-lane', 1),
  invalid_api_key: remedy('renew', 1),
  rate_limit_exceeded: remedy('wait', 3, 'as asked'),
  server_is_overloaded: remedy('back-off', 2, 'at least as asked'),
  slow_down: remedy('back-off', 2, 'at least as asked'),
  server_error: remedy('back-off', 2, 'at least as asked'),
}

/** Refused before anything ran, though sending the same again would end the same way. */
const SAFE_BUT_FINAL = 'invalid_stream_id'

export function remedyFor(code: string): ModelRemedy | null {
  return REMEDIES[code] ?? null
}

/** Whether the code proves that nothing ran. */
export function provesNothingRan(code: string): boolean {
  return code in REMEDIES || code === SAFE_BUT_FINAL
}

const OWN_WAITS_MS = [1_000, 4_000, 8_000]
const LONGEST_WAIT_MS = 60_000

/** The wait before it is sent again for the `time`th time (from 0), in ms; null where that would be too long. */
export function waitMs({ waits }: ModelRemedy, time: number, askedMs: number | undefined): number | null {
  if (waits === 'no') return 0
  const own = OWN_WAITS_MS[Math.min(time, OWN_WAITS_MS.length - 1)] ?? 0
  const wait = waits === 'as asked' && askedMs !== undefined ? askedMs : Math.max(own, askedMs ?? 0)
  return wait > LONGEST_WAIT_MS ? null : wait
}

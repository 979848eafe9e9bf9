const OPENING = /try again in\s+/i
const STEP = /\s*(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|seconds?|m|minutes?|h|hours?)(?![a-z])/iy

/**
 * The wait that a rate limit's message names, as in "Please try again in 1m26.4s", in ms, or null.
 *
 * Messages are for people and may change. This one is read because some rate limits put the wait nowhere else;
 * nothing but a wait may follow from it.
 */
export function parseWaitHint(message: string): number | null {
  const opening = OPENING.exec(message)
  if (opening === null) return null
  STEP.lastIndex = opening.index + opening[0].length
  let totalMs: number | null = null
  for (let step = STEP.exec(message); step !== null; step = STEP.exec(message)) {
    totalMs = (totalMs ?? 0) + Number(step[1]) * unitMs(step[2] ?? '')
  }
  return totalMs !== null && Number.isFinite(totalMs) ? Math.ceil(totalMs) : null
}

function unitMs(unit: string): number {
  const name = unit.toLowerCase()
  if (name === 'ms' || name.startsWith('milli')) return 1
  if (name.startsWith('s')) return 1000
  return name.startsWith('m') ? 60_000 : 3_600_000
}

/** Turns of the event loop without any activity that count as rest. A frame crosses loopback in two or three. */
const QUIET_TURNS = 6
/** More turns than any exchange takes, so that an endless one is an error and not a hang. */
const MOST_TURNS = 20_000

/** Turns the event loop until `activity` has stood still for a few turns. */
export async function untilAtRest(activity: () => number, quietTurns: number = QUIET_TURNS): Promise<void> {
  let last = activity()
  let quiet = 0
  for (let turn = 0; quiet < quietTurns; turn += 1) {
    if (turn > MOST_TURNS) throw new Error(`Nothing came to rest in ${MOST_TURNS} turns of the event loop.`)
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
    const now = activity()
    quiet = now === last ? quiet + 1 : 0
    last = now
  }
}

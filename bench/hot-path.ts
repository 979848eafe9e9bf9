import { contenders } from './contenders.ts'
import { FRAME_BYTES, startServer } from './server.ts'
import { median, table } from './stats.ts'

const FRAMES = 50_000
const ROUNDS = 15
const WARM_UP_ROUNDS = 3

/**
 * CPU time of this process for each delta frame, of every contender in turn, round by round: what disturbs the
 * machine disturbs all of them. Only the ratios mean something on another machine.
 */
export async function measureHotPath(): Promise<string> {
  const server = await startServer(FRAMES)
  let characters = 0
  const heard = (delta: string): void => void (characters += delta.length)
  const opened = await Promise.all(contenders.map((open) => open(server.url, heard)))
  const times = opened.map((): number[] => [])
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < opened.length; turn += 1) {
      // Another one begins each round, so that none always follows the same.
      const at = (round + WARM_UP_ROUNDS + turn) % opened.length
      const contender = opened[at]
      if (contender === undefined) continue
      characters = 0
      globalThis.gc?.()
      const before = process.cpuUsage()
      await contender.round()
      // System time is left out: who reads slowly finds more in the buffer and reads less often, which would count
      // in favour of the slow.
      const { user } = process.cpuUsage(before)
      if (characters % FRAMES !== 0 || characters === 0) throw new Error(`${contender.name} lost a frame`)
      if (round >= 0) times[at]?.push(user / FRAMES)
    }
  }
  for (const contender of opened) contender.close()
  server.close()
  return report(
    opened.map(({ name }) => name),
    times,
  )
}

function report(names: readonly string[], times: readonly (readonly number[])[]): string {
  const raw = times[0] ?? []
  const rows = names.map((name, at) => {
    // A ratio within each round first: two contenders of one round had the same machine.
    const ratios = (times[at] ?? []).map((time, round) => time / (raw[round] ?? Number.NaN))
    return [name, median(ratios).toFixed(2), `${median(times[at] ?? []).toFixed(1)} µs`]
  })
  const title = `CPU for each ${FRAME_BYTES}-byte delta frame, ${ROUNDS} rounds of ${FRAMES} frames`
  return `${title}\n\n${table(['way', 'ratio', 'this machine'], rows)}`
}

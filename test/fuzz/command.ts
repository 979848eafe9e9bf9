import { parseArgs } from 'node:util'
import { fuzzHttp, fuzzSocket } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
  },
})
const [frames, seed] = [Number(values.frames), Number(values.seed)]

async function main(): Promise<void> {
  console.log(`${frames} frames from seed ${seed}`)
  const uncaught: string[] = []
  process.on('uncaughtException', (error) => uncaught.push(`uncaught: ${error.stack}`))
  const reports = [
    await fuzzSocket({ frames: Math.ceil(frames * 0.8), seed }),
    await fuzzHttp({ frames: Math.ceil(frames * 0.2), seed }),
  ]
  for (const { frames: sent, turns, outcomes } of reports) {
    console.log(
      `${sent} frames, ${turns} turns: ${[...outcomes].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    )
  }
  const faults = [...reports.flatMap((report) => report.faults), ...uncaught]
  for (const fault of faults.slice(0, 20)) console.log(fault)
  process.exitCode = faults.length > 0 ? 1 : 0
}

await main()

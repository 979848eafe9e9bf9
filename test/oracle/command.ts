import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { drive } from './drive.ts'
import { judge } from './judge.ts'
import { randomSchedule } from './random-schedule.ts'
import type { Fault } from './records.ts'
import type { Schedule } from './schedule.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000_000)) },
    /** A file with one schedule as JSON, or `-` for the one of the seed. */
    only: { type: 'string' },
    /** Goes on after a failure, says each in a line, and counts kinds. */
    all: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const first = Number(values.seed)
const faultsOf = async (schedule: Schedule): Promise<Fault[]> => judge(await drive(schedule))

async function main(): Promise<void> {
  if (values.only !== undefined) return showOne(values.only)
  const count = Number(values.schedules)
  console.log(`${count} schedules from seed ${first}`)
  const started = performance.now()
  const kinds = new Map<string, number[]>()
  for (let seed = first; seed < first + count; seed += 1) {
    const faults = await faultsOf(randomSchedule(seed))
    if (faults.length === 0) continue
    const again = await faultsOf(randomSchedule(seed))
    const promise = faults[0]?.promise ?? ''
    if (!again.some((fault) => fault.promise === promise)) {
      console.log(`seed ${seed}: not seen again: ${promise}: ${faults[0]?.detail}`)
      continue
    }
    kinds.set(promise, [...(kinds.get(promise) ?? []), seed])
    if (values.all) console.log(`seed ${seed}: ${promise}: ${faults[0]?.detail.slice(0, 200)}`)
    else return await showShortest(randomSchedule(seed), promise)
  }
  const seconds = (performance.now() - started) / 1_000
  console.log(`${count} schedules in ${seconds.toFixed(1)} s, ${[...kinds.values()].flat().length} failed`)
  for (const [promise, seeds] of kinds)
    console.log(`${seeds.length} x ${promise}: ${seeds.slice(0, 12).join(' ')}`)
  if (kinds.size > 0) process.exitCode = 1
}

async function showOne(file: string): Promise<void> {
  const schedule = file === '-' ? randomSchedule(first) : (JSON.parse(readFileSync(file, 'utf8')) as Schedule)
  const report = await drive(schedule)
  if (values.verbose) console.dir({ schedule, ...report }, { depth: 6 })
  for (const { promise, detail } of judge(report)) console.log(`${promise}: ${detail}`)
}

async function showShortest(schedule: Schedule, promise: string): Promise<void> {
  const shortest = await shrink(schedule, async (one) =>
    (await faultsOf(one)).some((fault) => fault.promise === promise),
  )
  console.log(`seed ${schedule.seed} breaks a promise. The shortest schedule that does:`)
  console.log(JSON.stringify(shortest))
  for (const fault of await faultsOf(shortest)) console.log(`${fault.promise}: ${fault.detail}`)
  process.exitCode = 1
}

await main()

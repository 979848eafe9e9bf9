#!/usr/bin/env node
import { PROMISE_NAMES } from '../soak/ledger.ts'
import { printSoak } from '../soak/print.ts'
import { soak } from '../soak/soak.ts'
import { readArguments, runCommand } from './arguments.ts'

const HELP = `Keeps connections busy over real sockets while the network and the server misbehave, and tests the promises.

  --minutes N       how long (default 1)
  --connections M   how many connections at the same time (default 8); every second one has conversations
  --seed S          of the faults (default: the time)
  --help            print this

Ends with 1 when a promise was broken.`

const MINUTE_MS = 60_000

async function run(args: readonly string[]): Promise<number> {
  const values = { minutes: '1', connections: '8', seed: String(Date.now() % 2 ** 31) }
  const given = readArguments(args, { flags: ['help'], values })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  const [minutes, connections, seed] = [
    given.number('minutes'),
    given.number('connections'),
    given.number('seed', 0),
  ]
  console.log(`${connections} connections for ${minutes} minutes, seed ${seed}.`)
  const report = await soak({ durationMs: minutes * MINUTE_MS, connections, seed })
  console.log(printSoak(report))
  return PROMISE_NAMES.some((name) => report.ledger.broken(name) > 0) ? 1 : 0
}

await runCommand(run)

#!/usr/bin/env node
import { connectionMutants } from '../mutants/connection.ts'
import { type MutantReport, printMutants } from '../mutants/run.ts'
import { turnMutants } from '../mutants/turn.ts'
import { connectionPaths } from '../paths/connection.ts'
import { generatePaths } from '../paths/generate.ts'
import { turnPaths } from '../paths/turn.ts'
import { readArguments, runCommand } from './arguments.ts'

const HELP = `Breaks the connection chart and the turn chart in every small way there is, and says which breaks no test notices.

  --list   print what noticed each mutant
  --help   print this

Ends with 1 when fewer than 95 in 100 of the mutants that differ from the chart are noticed.`

const ENOUGH = 0.95

async function mutants(args: readonly string[]): Promise<number> {
  const given = readArguments(args, { flags: ['list', 'help'] })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  const connection = await connectionMutants((await generatePaths(connectionPaths)).paths)
  const turn = await turnMutants((await generatePaths(turnPaths)).paths)
  for (const [chart, report] of Object.entries({ connection, turn })) {
    if (given.flag('list')) list(report)
    console.log(`Chart "${chart}"\n\n${printMutants(report)}\n`)
  }
  return Math.min(connection.score, turn.score) >= ENOUGH ? 0 : 1
}

function list({ results }: MutantReport): void {
  for (const { mutant, killedBy } of results) {
    console.log(`${mutant.kind} ${mutant.name}\n  ${killedBy ?? 'nothing noticed it'}`)
  }
}

await runCommand(mutants)

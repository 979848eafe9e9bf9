#!/usr/bin/env node
import { connectionMutants } from '../mutants/connection.ts'
import { printMutants } from '../mutants/run.ts'
import { connectionPaths } from '../paths/connection.ts'
import { generatePaths } from '../paths/generate.ts'
import { readArguments, runCommand } from './arguments.ts'

const HELP = `Breaks the connection chart in every small way there is, and says which breaks no test notices.

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
  const { paths } = await generatePaths(connectionPaths)
  const report = await connectionMutants(paths)
  if (given.flag('list')) {
    for (const { mutant, killedBy } of report.results) {
      console.log(`${mutant.kind} ${mutant.name}\n  ${killedBy ?? 'nothing noticed it'}`)
    }
  }
  console.log(printMutants(report))
  return report.score >= ENOUGH ? 0 : 1
}

await runCommand(mutants)

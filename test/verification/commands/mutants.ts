#!/usr/bin/env node
import { type MutantReport, printMutants } from '../../../src/testing/mutants/run.ts'
import { readArguments, runCommand } from './arguments.ts'
import { CHART_NAMES, chartsNamed } from './charts.ts'

const HELP = `Breaks the charts in every small way there is, and says which breaks no test notices.

  --chart NAME  only this one of: ${CHART_NAMES}
  --list        print what noticed each mutant
  --help        print this

Ends with 1 when the paths notice fewer than 95 in 100 of the mutants of a chart that differ from it, or when a reason
why one does not differ fits none that survives.`

const ENOUGH = 0.95

async function mutants(args: readonly string[]): Promise<number> {
  const given = readArguments(args, { flags: ['list', 'help'], values: { chart: '' } })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  let isEnough = true
  for (const { name, mutate } of chartsNamed(given.text('chart'))) {
    const report = await mutate()
    if (given.flag('list')) list(report)
    console.log(`Chart "${name}"\n\n${printMutants(report)}\n`)
    isEnough &&= report.pathScore >= ENOUGH && report.stale.length === 0
  }
  return isEnough ? 0 : 1
}

function list({ results }: MutantReport): void {
  for (const { mutant, killedBy } of results) {
    console.log(`${mutant.kind} ${mutant.name}\n  ${killedBy ?? 'nothing noticed it'}`)
  }
}

await runCommand(mutants)

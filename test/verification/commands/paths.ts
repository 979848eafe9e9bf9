#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { coveragePage } from '../../../src/testing/coverage/page.ts'
import { printCoverage, printPaths } from '../../../src/testing/coverage/print.ts'
import { type Given, readArguments, runCommand } from './arguments.ts'
import { CHART_NAMES, type TestedChart, chartsNamed } from './charts.ts'

const HELP = `Generates the paths of the charts, and reports what they cover.

  --chart NAME  only this one of: ${CHART_NAMES}
  --list        print the path of every state, transition, guard outcome and delay
  --pages DIR   write a page for each chart, coloured by coverage
  --help        print this

Ends with 1 when something in a chart has no path and no reason why it cannot have one.`

async function paths(args: readonly string[]): Promise<number> {
  const given = readArguments(args, { flags: ['list', 'help'], values: { chart: '', pages: '' } })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  let gaps = 0
  for (const chart of chartsNamed(given.text('chart'))) gaps += await report(chart, given)
  return gaps === 0 ? 0 : 1
}

/** Prints one chart, and says how many gaps it has. */
async function report(chart: TestedChart, given: Given): Promise<number> {
  const { coverage, paths: count } = await chart.cover()
  if (given.flag('list')) console.log(`${printPaths(coverage)}\n`)
  console.log(`${printCoverage(coverage)}\n\n${count} paths.\n`)
  const folder = given.text('pages')
  if (folder !== '') {
    const page = join(folder, `${coverage.chart}.html`)
    await mkdir(folder, { recursive: true })
    await writeFile(page, coveragePage(chart.machine, coverage))
    console.log(`The page is in ${page}.\n`)
  }
  return coverage.gaps.length
}

await runCommand(paths)

#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { coverageOf } from '../coverage/coverage.ts'
import { coveragePage } from '../coverage/page.ts'
import { printCoverage, printPaths } from '../coverage/print.ts'
import { connectionPaths } from '../paths/connection.ts'
import { generatePaths } from '../paths/generate.ts'
import type { PathSubject } from '../paths/subject.ts'
import { turnPaths } from '../paths/turn.ts'
import { type Given, readArguments, runCommand } from './arguments.ts'

const HELP = `Generates the paths of the connection chart and the turn chart, and reports what they cover.

  --list        print the path of every state, transition, guard outcome and delay
  --pages DIR   write a page for each chart, coloured by coverage
  --help        print this

Ends with 1 when something in the chart has no path and no reason why it cannot have one.`

async function paths(args: readonly string[]): Promise<number> {
  const given = readArguments(args, { flags: ['list', 'help'], values: { pages: '' } })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  const gaps = [await report(connectionPaths, given), await report(turnPaths, given)]
  return gaps.every((count) => count === 0) ? 0 : 1
}

/** Prints one chart, and says how many gaps it has. */
async function report<Step, Options>(subject: PathSubject<Step, Options>, given: Given): Promise<number> {
  const generated = await generatePaths(subject)
  const coverage = coverageOf(generated)
  if (given.flag('list')) console.log(`${printPaths(coverage)}\n`)
  console.log(`${printCoverage(coverage)}\n\n${generated.paths.length} paths.\n`)
  const folder = given.text('pages')
  if (folder !== '') {
    const page = join(folder, `${coverage.chart}.html`)
    await mkdir(folder, { recursive: true })
    await writeFile(page, coveragePage(subject.machine, coverage))
    console.log(`The page is in ${page}.\n`)
  }
  return coverage.gaps.length
}

await runCommand(paths)

#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { coverageOf } from '../coverage/coverage.ts'
import { coveragePage } from '../coverage/page.ts'
import { printCoverage, printPaths } from '../coverage/print.ts'
import { connectionPaths } from '../paths/connection.ts'
import { generatePaths } from '../paths/generate.ts'
import { readArguments, runCommand } from './arguments.ts'

const HELP = `Generates the paths of the connection chart, and reports what of the chart they cover.

  --list        print the path of every state, transition, guard outcome and delay
  --page FILE   write a page with the chart, coloured by coverage
  --help        print this

Ends with 1 when something in the chart has no path and no reason why it cannot have one.`

async function paths(args: readonly string[]): Promise<number> {
  const given = readArguments(args, { flags: ['list', 'help'], values: { page: '' } })
  if (given.flag('help')) {
    console.log(HELP)
    return 0
  }
  const generated = await generatePaths(connectionPaths)
  const coverage = coverageOf(generated)
  if (given.flag('list')) console.log(`${printPaths(coverage)}\n`)
  console.log(`${generated.paths.length} paths.\n\n${printCoverage(coverage)}`)
  const page = given.text('page')
  if (page !== '') {
    await mkdir(dirname(page), { recursive: true })
    await writeFile(page, coveragePage(connectionPaths.machine, coverage))
    console.log(`\nThe page is in ${page}.`)
  }
  return coverage.gaps.length === 0 ? 0 : 1
}

await runCommand(paths)

import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { arch, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Child } from './harness/messages.ts'
import { measure } from './harness/measure.ts'
import type { Scenario, ServerAddress } from './harness/scenario.ts'
import { replaceSection } from './report/document.ts'
import { goalsTable, sectionOf } from './report/markdown.ts'
import { plotOf } from './report/plot.ts'
import { type ScenarioResult, resultOf } from './report/result.ts'
import { scenarios } from './scenarios/index.ts'

const HELP = `Measures Holdline and its peers side by side.

  npm run bench                 everything, about a quarter of an hour
  npm run bench -- NAME …       only these: ${scenarios.map(({ name }) => name).join(', ')}
  npm run bench -- --quick      a look at everything, within a minute
  npm run bench -- --publish    also writes docs/performance.md, its plots and docs/performance.json

The result and the plots are written to bench/out. Let the machine do nothing else meanwhile.`

// This file runs as bench/dist/bench/run.js.
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const OUT = join(ROOT, 'bench', 'out')
const DOCUMENT = join(ROOT, 'docs', 'performance.md')
const PUBLISHED = join(ROOT, 'docs', 'performance.json')
const PLOTS = join(ROOT, 'docs', 'images', 'performance')

const { values: given, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, publish: { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const unknown = positionals.find((name) => scenarios.every((one) => one.name !== name))
if (unknown !== undefined) console.error(`There is no "${unknown}". Nothing was run.\n`)
if (given.help === true || unknown !== undefined) {
  console.log(HELP)
  process.exit(unknown === undefined ? 0 : 2)
}

const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const results: ScenarioResult[] = []
for (const scenario of chosen) {
  const result = await run(scenario)
  results.push(result)
  console.log(
    `\n## ${scenario.title} (${scenario.name})\n\n${sectionOf(scenario, result)}\n\n${goalsTable([result])}`,
  )
}
await keep()

async function run(scenario: Scenario): Promise<ScenarioResult> {
  // Its own server for each scenario: what one leaves behind is no burden of the next.
  const server = new Child(fileURLToPath(new URL('server/main.js', import.meta.url)))
  try {
    const address = await server.ask<ServerAddress>('address')
    const plan = scenario.plan(given.quick === true)
    return resultOf(scenario, plan, await measure(scenario, plan, address))
  } finally {
    server.stop()
  }
}

async function keep(): Promise<void> {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model, arch, platform }
  const json = {
    machine: { ...machine, arch: arch(), platform: platform() },
    quick: given.quick === true,
    results,
  }
  await mkdir(OUT, { recursive: true })
  await writeFile(join(OUT, 'result.json'), `${JSON.stringify(json, null, 2)}\n`)
  await plots(OUT)
  if (given.publish !== true) return
  await plots(PLOTS)
  let document = await readFile(DOCUMENT, 'utf8')
  for (const scenario of chosen) {
    const result = results.find(({ name }) => name === scenario.name)
    if (result === undefined) continue
    const plot =
      plotOf(scenario, result) === null
        ? ''
        : `![${scenario.title}](images/performance/${scenario.name}.svg)\n\n`
    document = replaceSection(document, scenario.name, `${plot}${sectionOf(scenario, result)}`)
  }
  const all = await withOlder()
  document = replaceSection(document, 'goals', goalsTable(all))
  await writeFile(DOCUMENT, document)
  await writeFile(PUBLISHED, `${JSON.stringify({ ...json, results: all }, null, 2)}\n`)
  execFileSync('npx', ['oxfmt', 'docs/performance.md', 'docs/performance.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
}

/** Scenarios that were not run this time keep what was published of them. */
async function withOlder(): Promise<readonly ScenarioResult[]> {
  const text = await readFile(PUBLISHED, 'utf8').catch(() => '{"results":[]}')
  const older = (JSON.parse(text) as { results: readonly ScenarioResult[] }).results
  return scenarios.flatMap(({ name }) => [...results, ...older].find((result) => result.name === name) ?? [])
}

async function plots(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const scenario of chosen) {
    const result = results.find(({ name }) => name === scenario.name)
    const plot = result === undefined ? null : plotOf(scenario, result)
    if (plot !== null) await writeFile(join(folder, `${scenario.name}.svg`), plot)
  }
}

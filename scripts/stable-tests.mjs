// Runs the tests again and again, files and tests in another order each time. A test that needs another one before it,
// or a machine that is not busy, fails in one of them; the seed brings its order back.
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../', import.meta.url))
const LIMIT_S = 180

const { runs, filters } = given(process.argv.slice(2))
const first = Date.now() % 2 ** 31
const failed = []
for (let run = 0; run < runs; run += 1) {
  const seed = first + run
  const { problem, seconds, output } = runTests(seed)
  const verdict = problem ?? 'passed'
  process.stdout.write(`run ${run + 1} of ${runs}, seed ${seed}: ${verdict}, ${seconds.toFixed(1)} s\n`)
  if (problem === null) continue
  failed.push(seed)
  process.stdout.write(output)
}
process.stdout.write(`${runs - failed.length} of ${runs} runs passed.\n`)
for (const seed of failed) {
  process.stdout.write(`Again: npm test -- ${[...filters, ...inOrderOf(seed)].join(' ')}\n`)
}
process.exitCode = failed.length === 0 ? 0 : 1

function runTests(seed) {
  const begun = performance.now()
  const { status, error, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...filters, ...inOrderOf(seed)],
    // One that hangs is ended: what it had printed by then says where.
    { cwd: root, encoding: 'utf8', maxBuffer: Infinity, timeout: LIMIT_S * 1_000 },
  )
  const seconds = (performance.now() - begun) / 1_000
  const isLate = error?.code === 'ETIMEDOUT' || seconds > LIMIT_S
  const problem = isLate ? `took longer than ${LIMIT_S} s` : status === 0 ? null : 'FAILED'
  return { problem, seconds, output: stdout + stderr }
}

function inOrderOf(seed) {
  return ['--sequence.shuffle.files', '--sequence.shuffle.tests', `--sequence.seed=${seed}`]
}

function given(args) {
  const options = { runs: { type: 'string', default: '20' } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const number = Number(values.runs)
  if (Number.isSafeInteger(number) && number >= 1) return { runs: number, filters: positionals }
  process.stderr.write('--runs must be a whole number of at least 1. Nothing was run.\n')
  process.exit(2)
}

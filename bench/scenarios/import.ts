import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Scenario, milliseconds, wayOf } from '../harness/scenario.ts'

// What users load, not what was compiled for the benchmark. This file runs as bench/dist/bench/scenarios/import.js.
const ROOT = new URL('../../../../', import.meta.url)
const HOLDLINE = new URL('dist/src/index.js', ROOT).href

const WAYS: Readonly<Record<string, readonly string[]>> = {
  "`import 'ws'` and `import 'xstate'`": ['ws', 'xstate'],
  "`import 'holdline'`": [HOLDLINE],
}

export const importing: Scenario = {
  name: 'import',
  title: 'Importing',
  about: 'Time that a fresh process needs to load the package, from a warm file cache.',
  ways: Object.keys(WAYS),
  metrics: [{ id: 'time', label: 'time', show: milliseconds }],
  goals: [
    { what: 'longer, in ms', way: "`import 'holdline'`", metric: 'time', as: 'difference', atMost: 30 },
  ],
  plan: (quick) => (quick ? { rounds: 3, warmUps: 0, size: {} } : { rounds: 21, warmUps: 2, size: {} }),
  async open(way) {
    const imports = wayOf(WAYS, way)
      .map((name) => `await import(${JSON.stringify(name)})`)
      .join('\n')
    const program = `const start = performance.now()\n${imports}\nconsole.log(performance.now() - start)`
    // Where the packages of this project are found.
    const cwd = fileURLToPath(ROOT)
    return {
      async round() {
        const args = ['--input-type=module', '--eval', program]
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
        return { time: Number(stdout) }
      },
    }
  },
}

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test(
  'the example of an app tested by generated paths passes its own tests',
  { timeout: 60_000 },
  async () => {
    const file = 'examples/testing-your-app/app.test.mjs'
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file])
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(15)
    expect(stdout).toMatch(/^# fail 0$/m)
  },
)

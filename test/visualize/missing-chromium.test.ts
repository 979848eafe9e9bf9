import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/browser-tests.mjs', import.meta.url))

it('without Chromium the browser tests say what is missing and how to get it, and fail', () => {
  const env = { ...process.env, CHROMIUM: '/nowhere/chromium' }
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env })
  expect(status).toBe(1)
  expect(stderr).toContain('Chromium was not found (looked at /nowhere/chromium)')
  expect(stderr).toContain('apt-get install')
})

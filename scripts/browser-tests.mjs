import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

// Installs nothing: says what is missing and how to get it.
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const chromium = process.env.CHROMIUM ?? PLACES.find((file) => existsSync(file))

if (chromium === undefined || !existsSync(chromium)) {
  const looked = process.env.CHROMIUM ?? PLACES.join(', ')
  process.stderr.write(
    `Chromium was not found (looked at ${looked}). The browser tests were not run.\n` +
      'On Debian and Ubuntu: apt-get install --no-install-recommends chromium fonts-dejavu-core\n' +
      'Elsewhere: install Chromium or Chrome, and set CHROMIUM to the path of its program.\n',
  )
  process.exit(1)
}

const env = { ...process.env, CHROMIUM: chromium }
for (const args of [
  ['scripts/build-page.mjs'],
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)],
]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Runs a program as a user would, in this checkout, with what `npm run build` made. */
export function run(program: string) {
  const args = ['--input-type=module', '--eval', program]
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 20_000 })
}

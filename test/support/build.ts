import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** There npm is a script, which only a shell can start. */
const isWindows = process.platform === 'win32'
const SOURCES = [
  'src',
  'machines',
  'visualize',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** Some tests run what users get: the built package. It is built again here when a source is newer. */
export default function buildWhenStale(): void {
  if (newest(SOURCES) <= builtAt()) return
  try {
    execFileSync('npm', ['run', '--silent', 'build:files'], { cwd: root, stdio: 'inherit', shell: isWindows })
  } catch {
    // A type error stops no test: `npm run typecheck` is where it counts, and most files were written all the same.
    console.warn('The build reports the errors above; tests of the built package run what it wrote.')
  }
}

function builtAt(): number {
  return statSync(join(root, 'dist/src/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newest(paths: readonly string[]): number {
  return Math.max(0, ...paths.map((path) => changedAt(join(root, path))))
}

function changedAt(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || path.endsWith('node_modules')) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => changedAt(join(path, name))))
}

// The compiler declares every module. A program sees only those that an entry point leads to; the others are no part of
// the package.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const reached = new Set()

/** Notes a declaration file, and all that it takes its types from. */
function reach(file) {
  if (reached.has(file)) return
  reached.add(file)
  // What is loaded for its effect declares nothing.
  const text = readFileSync(file, 'utf8').replaceAll(/^import '[^']+';\n/gm, '')
  writeFileSync(file, text)
  for (const [, name] of text.matchAll(/(?:from |import\()["'](\.[^"']+)\.ts["']/g)) {
    reach(join(dirname(file), `${name}.d.ts`))
  }
}

for (const { types } of Object.values(exports)) if (types !== undefined) reach(join(root, types))
for (const name of readdirSync(join(root, 'dist'), { recursive: true })) {
  const file = join(root, 'dist', name)
  if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file)
}

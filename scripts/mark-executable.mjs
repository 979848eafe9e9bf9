// The compiler writes plain files; the command must be one that a shell can start.
import { chmodSync, readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
for (const file of Object.values(bin)) chmodSync(new URL(file, root), 0o755)

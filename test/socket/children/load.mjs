// Node 20 cannot run TypeScript, so Vite, which the tests have anyway, loads the file.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const file = fileURLToPath(new URL(process.argv[2], import.meta.url))
await runnerImport(file, { configFile: false, logLevel: 'error' })

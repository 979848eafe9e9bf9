import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const LOADER = fileURLToPath(new URL('./children/load.mjs', import.meta.url))

/** Runs one file of `children/` in a process of its own, and gives all that it printed. */
export function runChild(
  file: string,
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [LOADER, file], { env: { ...process.env, ...env }, stdio: 'pipe' })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

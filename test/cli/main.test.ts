import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../visualize/package-root.ts'

/** What users run. The test setup builds it when a source is newer. */
const main = join(packageRoot(), 'dist/src/cli/main.js')

interface Child {
  readonly process: ChildProcess
  stdout: string
  stderr: string
  readonly ended: Promise<number | null>
}

function start(...args: string[]): Child {
  const child = spawn(process.execPath, [main, ...args], { cwd: '/' })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const result: Child = { process: child, stdout: '', stderr: '', ended }
  child.stdout.on('data', (data: Buffer) => (result.stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (result.stderr += data.toString()))
  return result
}

async function saysOnStdout(child: Child, text: string): Promise<void> {
  while (!child.stdout.includes(text)) await once(child.process.stdout!, 'data')
}

describe('the process', { timeout: 30_000 }, () => {
  it('runs the workflow from any folder, and ends by itself with 0', async () => {
    const child = start('workflow')
    expect(await child.ended).toBe(0)
    expect(child.stdout).toContain('server   counted 9 creates and 1 warm-up on 4 connections')
    expect(child.stderr).toBe('')
  })

  it('ends with 2 and one line for a wrong flag', async () => {
    const child = start('workflow', '--nope')
    expect(await child.ended).toBe(2)
    expect(child.stderr).toMatch(/^holdline workflow: unknown option '--nope'[^\n]*\n$/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('serve ends with 0 on %s', async (signal) => {
    const child = start('serve', '--port', '0')
    await saysOnStdout(child, 'HTTP')
    child.process.kill(signal)
    expect(await child.ended).toBe(0)
    expect(child.stderr).toBe('')
  })

  it('closes the connection and ends with 130 on Ctrl-C', async () => {
    const child = start('workflow')
    await saysOnStdout(child, 'model ')
    child.process.kill('SIGINT')
    expect(await child.ended).toBe(130)
    expect(child.stdout).toContain('closed.settled  requested')
    expect(child.stderr).toBe('')
  })

  it('ends quietly when the reader of its pipe goes', async () => {
    const child = start('workflow')
    await saysOnStdout(child, 'connecting')
    child.process.stdout?.destroy()
    expect(await child.ended).not.toBe(0)
    expect(child.stderr).toBe('')
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RECORDING_VERSION } from '../../src/recording/format.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { cli, sinkIo } from './sink.ts'

async function file(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdline-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

describe('holdline visualize', () => {
  it.each([
    [[], 2, '"FILE" must be given'],
    [['--dance', 'x.jsonl'], 2, 'takes a file and --port only'],
    [['/nowhere/run.jsonl'], 1, 'run.jsonl cannot be read (ENOENT)'],
  ])('%j is one clear line', async (args, code, problem) => {
    const run = await cli(['visualize', ...args])
    expect(run).toMatchObject({ code, stdout: '' })
    expect(run.stderr).toContain(problem)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('names the line at which a recording cannot be read', async () => {
    const { code, stderr } = await cli(['visualize', await file('cut.jsonl', '{"holdline":"rec')])
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_BAD_RECORDING: Line 1')
  })

  it('explains itself', async () => {
    const { code, stdout } = await cli(['visualize', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('holdline visualize FILE')
  })

  it('serves a recording until it is ended', async () => {
    const stop = new AbortController()
    const path = await file(
      'run.jsonl',
      `${JSON.stringify({ holdline: 'recording', version: RECORDING_VERSION, startedAt: '2026-01-01T00:00:00Z' })}\n`,
    )
    const io = sinkIo({ signal: stop.signal })
    const run = runCli(['visualize', path], io)
    await io.stdout.until(/^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n/)
    const { status } = await fetch(io.stdout.lines[0] ?? '')
    expect(status).toBe(200)
    stop.abort()
    expect(await run).toBe(0)
  })
})

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { leftBehind, sayWhatIsLeft } from './active-resources.ts'

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const CONFIG = fileURLToPath(new URL('./fixtures/vitest.config.ts', import.meta.url))

/** Runs test files that leave something behind, as `npm test` would. */
function runFixtures(): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' }
  const args = [VITEST, 'run', '--config', CONFIG, '--reporter=verbose']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

it('a test file that leaves something fails, though its tests pass; one that cleans up does not', async () => {
  const { code, output } = await runFixtures()
  expect(code).toBe(1)
  expect(output).toMatch(/FAIL\s+leaves-timer[^]*leaves behind: 1 x timer \(Timeout\)/)
  expect(output).toMatch(/FAIL\s+leaves-server[^]*leaves behind: 1 x TCP server \(TCPServerWrap\)/)
  expect(output).toMatch(/FAIL\s+leaves-socket[^]*leaves behind: 2 x TCP socket \(TCPSocketWrap\)/)
  expect(output).not.toMatch(/FAIL\s+leaves-nothing/)
  expect(output).toMatch(/Tests\s+4 passed \(4\)/)
}, 60_000)

describe('what is left', () => {
  it('is what there is more of than before', () => {
    expect(leftBehind(['Timeout', 'PipeWrap'], ['PipeWrap', 'Timeout', 'Timeout'])).toEqual(['Timeout'])
    expect(leftBehind(['Timeout'], [])).toEqual([])
    expect(leftBehind([], ['TCPSocketWrap', 'TCPSocketWrap'])).toHaveLength(2)
  })

  it('is nothing for work that ends by itself', () => {
    expect(leftBehind([], ['FSReqPromise', 'Immediate', 'MessagePort'])).toEqual([])
  })

  it('is named', () => {
    expect(sayWhatIsLeft(['Timeout', 'TLSWrap', 'Timeout'])).toContain(
      '2 x timer (Timeout), 1 x TLS socket (TLSWrap)',
    )
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type ServerOptions, createResponsesServer } from '../../src/testing/index.ts'
import { textOf } from '../package/markdown.ts'

/** The agent against the local server, with what it prints. */
async function setUp(script: ServerOptions) {
  const server = await createResponsesServer({ keepFrames: true, ...script })
  const folder = await mkdtemp(join(tmpdir(), 'agent-'))
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    await server.close()
    await rm(folder, { recursive: true })
  })
  const start = () => {
    const env = { ...process.env, AGENT_URL: server.url, OPENAI_API_KEY: 'any-key' }
    const child = spawn(process.execPath, ['examples/agent.mjs', join(folder, 'agent.json')], { env })
    children.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
    const prints = async (part: string) => {
      await expect.poll(() => text, { timeout: 20_000 }).toContain(part)
    }
    return { child, prints, says: (line: string) => child.stdin.write(`${line}\n`) }
  }
  const creates = () =>
    server
      .transcript()
      .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
      .map(({ text }) => JSON.parse(String(text)) as { readonly input: readonly object[] })
  return { start, creates }
}

const calls = [{ name: 'list_files', arguments: { path: 'examples' } }]

test('the terminal agent has at most sixty lines', () => {
  expect(textOf('examples/agent.mjs').trimEnd().split('\n').length).toBeLessThanOrEqual(60)
})

test('it streams, runs its tools, and loses one turn to Ctrl-C', { timeout: 60_000 }, async () => {
  const { start, creates } = await setUp({
    turns: [
      { calls },
      { text: 'There are examples.' },
      { text: ['so ', 'slow'], delayMs: 30_000 },
      { text: 'Still here.' },
    ],
  })
  const agent = start()
  agent.says('What is there?')
  await agent.prints('(list_files)\nThere are examples.\n> ')
  agent.says('Tell me all.')
  await expect.poll(() => creates().length, { timeout: 20_000 }).toBe(3)
  agent.child.kill('SIGINT')
  await agent.prints('was cancelled')
  agent.says('Are you there?')
  await agent.prints('Still here.\n> ')
})

test('it goes on after a crash, and runs no tool twice', { timeout: 60_000 }, async () => {
  const { start, creates } = await setUp({
    turns: [
      { calls },
      { text: 'never', faults: [{ at: 'created', do: 'silence' }] },
      { text: 'There are examples.' },
    ],
  })
  const first = start()
  first.says('What is there?')
  await first.prints('(list_files)')
  await expect.poll(() => creates().length, { timeout: 20_000 }).toBe(2)
  first.child.kill('SIGKILL')
  const second = start()
  await second.prints('There are examples.\n> ')
  expect(creates()[2]?.input).toMatchObject([
    { content: 'What is there?' },
    { type: 'function_call' },
    { type: 'function_call_output', output: expect.stringContaining('agent.mjs') },
  ])
})

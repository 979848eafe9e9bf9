import { afterEach, describe, expect, it } from 'vitest'
import {
  type ModelRequest,
  type ResponsesServer,
  type ServerOptions,
  createResponsesServer,
} from '../../src/testing/index.ts'
import { demoModel } from '../../src/cli/workflow/demo/model.ts'
import { type CliRun, cli } from './sink.ts'

const KEY = 'sk-never-to-be-seen-0123456789'

let server: ResponsesServer

async function run(options: ServerOptions, args: readonly string[] = []): Promise<CliRun> {
  server = await createResponsesServer({ apiKey: KEY, model: quick, ...options })
  return await cli(['workflow', '--url', server.url, ...args], { env: { OPENAI_API_KEY: KEY } })
}

/** The demo's model without its pauses. */
const quick: typeof demoModel = (request) => ({ ...demoModel(request), delayMs: 0 })
/** With pauses that leave time for a steer. */
const slow: typeof demoModel = (request) => ({ ...demoModel(request), delayMs: 3 })

afterEach(async () => await server.close())

describe('workflow --url', () => {
  it('plants no faults, and goes on until the model asks for no more tools', async () => {
    const { code, stdout, stderr } = await run({}, ['--model', 'gpt-5.4-mini'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(server.connections()).toHaveLength(1)
    expect(server.requests().map(({ model }) => model)).toEqual(Array(7).fill('gpt-5.4-mini'))
    expect(
      server
        .requests()
        .slice(1)
        .every(({ previousResponseId }) => previousResponseId !== null),
    ).toBe(true)
    expect(stdout).toContain('7 sent: 1 with the full history, 6 with the new items only')
    for (const word of ['counted', 'pause', 'steer', 'warm-up', 'moved']) expect(stdout).not.toContain(word)
  })

  it('never prints the key, even where the server repeats it', async () => {
    const { code, stdout } = await run({
      default: { text: ['your key is sk-never-to-be', '-seen-0123456789 \u001b[31mok'] },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('your key is [redacted] [31mok')
    expect(stdout).not.toContain(KEY)
    expect(stdout).not.toContain('\u001b')
  })

  it('takes the items that were streamed where the terminal event holds none', async () => {
    const { code, stdout } = await run({ turns: [{ faults: [{ at: 'created', do: 'empty-output' }] }] })
    expect(code).toBe(0)
    expect(stdout).toMatch(/turns +7 answered/)
  })

  it('ends with code 1 and the error code when the key is refused', async () => {
    const { code, stderr } = await run({ apiKey: 'another' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^holdline workflow: ERR_UNAUTHORIZED: [^\n]*\n$/)
    expect(stderr).not.toContain(KEY)
  })

  it.each([
    [
      'failed',
      { failed: { code: 'server_error', message: `no ${KEY}\nno` } },
      /: ERR_TURN_FAILED: .*server_error/,
    ],
    ['incomplete', { text: 'a', incomplete: {} }, /: max_output_tokens: The server cut the answer short/],
    [
      'refused',
      { error: { status: 429, code: 'insufficient_quota', message: `no ${KEY}` } },
      /: ERR_TURN_REFUSED: .*insufficient_quota/,
    ],
  ])('ends with code 1 when a turn is %s', async (_name, turn, line) => {
    const { code, stderr } = await run({ default: turn })
    expect(code).toBe(1)
    expect(stderr).toMatch(line)
    expect(stderr).toMatch(/^[^\n]*\n$/)
    expect(stderr).not.toContain(KEY)
    expect(server.creates()).toBe(1)
  })

  it('shows that Holdline waits as long as the server asks, and sends the turn again', async () => {
    const busy = { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': 10 } }
    const { code, stdout } = await run({ turns: [{ error: busy }] })
    expect(code).toBe(0)
    expect(stdout).toContain('server   answers with the error rate_limit_exceeded')
    expect(stdout).toContain('resent   turn 1 (wait), by Holdline itself: the server asked for a pause')
    expect(server.creates()).toBe(8)
  })

  it('steers a model that can be steered', async () => {
    const { code, stdout } = await run({ model: slow }, ['--model', 'gpt-6-astra'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/steer +committed: the successor begins/)
    expect(stdout).toMatch(/turns +7 answered, 1 steered/)
    expect(server.creates()).toBe(7)
  })

  it.each([
    [
      'refuses it',
      { model: (request: ModelRequest) => slow(request), steering: { failWith: 'invalid_input' } },
    ],
    ['has finished before', {}],
  ])('makes a question of a steer when the server %s', async (_name, options) => {
    const { code, stdout } = await run(options, ['--model', 'gpt-6-astra'])
    expect(code).toBe(0)
    expect(stdout).not.toContain('committed')
    expect(stdout).toMatch(/you +One sentence is enough/)
    expect(stdout.match(/It sends again only what provably did not run/g)).toHaveLength(1)
    expect(server.creates()).toBe(8)
  })

  it('stops a model that never stops calling tools', async () => {
    const { code, stderr } = await run({
      default: { calls: [{ name: 'search_files', arguments: 'no JSON' }] },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_TOOL_LOOP')
    expect(server.creates()).toBe(12)
  })

  it('asks for a lost turn three times, and no more', { timeout: 20_000 }, async () => {
    const { code, stdout, stderr } = await run({
      default: { text: 'a', faults: [{ at: 'request', do: 'terminate' }] },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_TURN_LOST')
    expect(stdout.match(/lost +turn 1, which was sent: a resend may do the work twice/g)).toHaveLength(3)
    expect(stdout.match(/again +the workflow asks again/g)).toHaveLength(2)
    expect(server.creates()).toBe(3)
  })

  it('gives up at once when the server closes for good', async () => {
    const { code, stderr } = await run({
      default: { text: 'abc', faults: [{ at: 'delta', do: 'close', code: 4402, reason: 'no credit' }] },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^holdline workflow: ERR_QUOTA: [^\n]*no credit \(close code 4402\)[^\n]*\n$/)
    expect(server.connections()).toHaveLength(1)
  })

  it('sends the full history when the server has forgotten the chain', async () => {
    const { code, stdout } = await run({
      model: (request) => {
        if (request.context.length === 1) setTimeout(() => server.connections()[0]?.forget(), 0)
        return quick(request)
      },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('server   answers with the error previous_response_not_found')
    expect(stdout).toContain('resent   turn 2 (replay), by Holdline itself')
    expect(stdout).toContain('turn 2   sends the full history, 4 items')
    expect(server.creates()).toBe(8)
    expect(server.connections()).toHaveLength(1)
  })

  it('moves to a new connection at the age limit', { timeout: 20_000 }, async () => {
    let aged = false
    const { code, stdout } = await run({
      age: { announce: 'both', graceMs: 200 },
      model: (request) => {
        if (!aged) setTimeout(() => server.connections()[0]?.expire(), 0)
        aged = true
        return { ...demoModel(request), delayMs: 2 }
      },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('open { age: expired }')
    expect(server.connections().length).toBeGreaterThan(1)
  })
})

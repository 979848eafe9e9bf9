import { createServer } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ResponsesConnection } from '../../src/index.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { CONTROL, type SinkIo, cli, sinkIo } from './sink.ts'
import { waitFor } from '../support/wait-for.ts'

interface Serving {
  readonly io: SinkIo
  readonly url: string
  readonly httpUrl: string
  /** Ends it as SIGINT does, and gives the exit code. */
  readonly stop: () => Promise<number>
}

let stopAll: (() => Promise<number>) | null = null

async function serve(...args: string[]): Promise<Serving> {
  const controller = new AbortController()
  const io = sinkIo({ signal: controller.signal })
  const done = runCli(['serve', '--port', '0', ...args], io)
  const stop = async (): Promise<number> => {
    controller.abort()
    return await done
  }
  stopAll = stop
  await waitFor(() => expect(io.stdout.text).toContain('HTTP'))
  const [url = '', httpUrl = ''] = io.stdout.text.match(/(?:ws|http):\/\/\S+/g) ?? []
  return { io, url, httpUrl, stop }
}

afterEach(async () => await stopAll?.())

describe('serve', () => {
  it('prints where it listens, logs connections and creates, and ends with 0', async () => {
    const { io, url, httpUrl, stop } = await serve()
    expect(httpUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/responses$/)
    const connection = new ResponsesConnection({ url, apiKey: 'any' })
    await connection.connect()
    const answered = new Promise((resolve) => connection.on('response.completed', resolve))
    connection.send({ type: 'response.create', model: 'gpt\u001b-x', input: 'hello' })
    await answered
    await connection[Symbol.asyncDispose]()
    await waitFor(() => expect(io.stdout.text).toContain('closed'))
    const [opened = '', create = '', closed = ''] = io.stdout.lines.slice(3)
    expect(opened).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}connection 1 +opened$/)
    expect(create).toMatch(/connection 1 +create {2}model gpt-x, 1 item$/)
    expect(closed).toMatch(/connection 1 +closed with 1000$/)
    expect(io.stdout.text).not.toMatch(CONTROL)
    expect(await stop()).toBe(0)
    expect(io.stderr.text).toBe('')
    await expect(fetch(httpUrl)).rejects.toThrow('fetch failed')
  })

  it('logs upgrades that it refuses, and creates over HTTP', async () => {
    const { io, url, httpUrl } = await serve('--api-key', 'right')
    expect(io.stdout.text).not.toContain('right')
    const socket = new WebSocket(url, { headers: { authorization: 'Bearer wrong' } })
    await new Promise((resolve) => socket.once('error', resolve))
    const response = await fetch(httpUrl, {
      method: 'POST',
      headers: { authorization: 'Bearer right' },
      body: JSON.stringify({ model: 'm', input: 'hello' }),
    })
    expect(response.status).toBe(200)
    await response.text()
    expect(io.stdout.text).toMatch(/upgrade +refused with 401/)
    expect(io.stdout.text).toMatch(/HTTP +create {2}model m, 1 item/)
  })

  it('ends with 0 while connections are open', async () => {
    const { url, stop } = await serve()
    const socket = new WebSocket(url, { headers: { authorization: 'Bearer any' } })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    expect(await stop()).toBe(0)
    expect(await closed).toBe(1001)
  })

  it('follows a script, and lets flags win over it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdline-cli-'))
    try {
      const file = join(folder, 'script.json')
      await writeFile(
        file,
        JSON.stringify({ port: 1, apiKey: 'scripted', mode: 'vercel', turns: [{ text: 'as scripted' }] }),
      )
      const { io, httpUrl } = await serve('--script', file, '--mode', 'generation-1')
      expect(io.stdout.text).toContain('behaves like generation-1, one key')
      const ask = async (key: string): Promise<Response> =>
        await fetch(httpUrl, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify({ model: 'm', input: 'hello' }),
        })
      expect((await ask('another')).status).toBe(401)
      expect(await (await ask('scripted')).text()).toContain('as scripted')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says in one line that the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as { port: number }
    const { code, stdout, stderr } = await cli(['serve', '--port', String(port)])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(`^holdline serve: EADDRINUSE: 127\\.0\\.0\\.1 port ${port} is in use[^\\n]*\\n$`),
    )
    blocker.close()
  })

  it('says in one line that the address cannot be had', async () => {
    const { code, stderr } = await cli(['serve', '--port', '0', '--host', '192.0.2.1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^holdline serve: E[A-Z]+: Cannot listen on 192\.0\.2\.1[^\n]*\n$/)
  })
})

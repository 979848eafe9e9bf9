import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { FRAME_CHANNEL } from '../../src/socket/index.ts'
import { networkSettled, drive } from './harness.ts'
import { accept, refuse } from './server.ts'

const KEY = 'sk-planted-key-0815'
const TOKEN = 'planted-header-value'
const PASSWORD = 'planted-proxy-password'

function print(value: unknown): string {
  const seen = inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null })
  try {
    return seen + JSON.stringify(value)
  } catch {
    return seen
  }
}

const failing = () => Promise.reject(new Error(`no answer for ${KEY}`))

const planted: Partial<TransportOptions> = {
  credential: new Secret(KEY),
  headers: { 'x-api-key': TOKEN },
}

/** Runs one attempt to its end, and prints everything that somebody outside could see of it. */
async function everythingOf(options: Partial<TransportOptions> & { url: string }): Promise<string> {
  const shown: unknown[] = []
  const note = (message: unknown) => void shown.push(message)
  subscribe(FRAME_CHANNEL, note)
  onTestFinished(() => void unsubscribe(FRAME_CHANNEL, note))
  const run = drive({ ...planted, ...options })
  run.parent.system.inspect((event: InspectionEvent) => {
    shown.push({ ...event, actorRef: undefined, sourceRef: undefined })
  })
  await Promise.race([run.fact('socket.lost'), run.fact('socket.refused')])
  await networkSettled()
  shown.push(run.facts, run.emitted, run.socket, run.parent, run.handle)
  shown.push(run.parent.getSnapshot(), run.parent.getPersistedSnapshot(), run.socket.getSnapshot())
  return shown.map(print).join('\n')
}

function expectNothingIn(text: string): void {
  for (const secret of [KEY, TOKEN, PASSWORD]) expect(text).not.toContain(secret)
}

test('a server that echoes what it was sent, in a close reason', async () => {
  const { url } = await accept((peer, { headers }) =>
    peer.close(4000, [headers.authorization, headers['x-api-key']].join(' ')),
  )
  const text = await everythingOf({ url })
  expect(text).toContain('Bearer [redacted] [redacted]')
  expectNothingIn(text)
})

test('a server that echoes what it was sent, in a bad frame', async () => {
  const { url } = await accept((peer, { headers }) => {
    peer.send(String(headers.authorization))
    peer.send(JSON.stringify({ type: 5, key: headers.authorization }))
    peer.close(1000)
  })
  const text = await everythingOf({ url })
  expect(text).toContain('frame.rejected')
  expectNothingIn(text)
})

test('a server that echoes what it was sent, in a refusal', async () => {
  const { url } = await refuse((request, response) => {
    response.writeHead(401, { 'x-you-sent': String(request.headers.authorization) })
    response.end(JSON.stringify({ error: { code: KEY, message: request.headers } }))
  })
  const text = await everythingOf({ url })
  expect(text).toContain('upgrade.refused')
  expectNothingIn(text)
})

test('a proxy that is down, and its password', async () => {
  const proxy = { mode: 'explicit-proxy', url: `http://user:${PASSWORD}@127.0.0.1:1` } as const
  const text = await everythingOf({ url: 'ws://127.0.0.1:2/', proxy })
  expect(text).toContain('ECONNREFUSED')
  expectNothingIn(text)
})

test('a provider that fails with the key in its message', async () => {
  const text = await everythingOf({ url: 'ws://127.0.0.1:2/', credential: failing })
  expect(text).toContain('ERR_CREDENTIAL_PROVIDER')
  expectNothingIn(text)
})

test('a send that is refused', async () => {
  const { url } = await accept()
  const run = drive({ url, ...planted, maxFrameBytes: 10 })
  await run.fact('socket.opened')
  run.send({ type: 'send', event: { type: 'response.create', input: KEY } })
  expect(run.emitted).toHaveLength(1)
  expectNothingIn(print([run.emitted, run.facts]))
})

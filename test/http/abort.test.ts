import { describe, expect, test } from 'vitest'
import type { CredentialRequest } from '../../src/protocol/secret.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { proxyServer } from '../dial/proxy-server.ts'
import { listenTcp } from '../socket/server.ts'
import {
  CREATED,
  networkSettled,
  compact,
  deferred,
  errorOf,
  responses,
  serve,
  sse,
  stream,
} from './harness.ts'

const reason = new Error('not wanted any more')

describe('an abort', () => {
  test('before the call sends nothing and asks for nothing', async () => {
    let asked = 0
    const credential = () => ((asked += 1), new Secret('k'))
    const server = await responses()
    const signal = AbortSignal.abort(reason)
    const run = stream({ url: server.url, credential }, { signal } as object)
    expect(await errorOf(run.result)).toBe(reason)
    expect(await errorOf(compact({ url: server.url, credential }, 'x', signal))).toBe(reason)
    expect(asked).toBe(0)
    expect(server.creates()).toBe(0)
  })

  test('while the credential is asked for reaches the provider, and a late key dials nothing', async () => {
    let connections = 0
    const port = await listenTcp(() => (connections += 1))
    const asked = deferred<CredentialRequest>()
    const late = deferred<Secret>()
    const credential = (request: CredentialRequest) => (asked.resolve(request), late.promise)
    const run = stream({ url: `ws://127.0.0.1:${port}/`, credential })
    const { signal } = await asked.promise
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    expect(signal.aborted).toBe(true)
    late.resolve(new Secret('late'))
    await networkSettled()
    expect(connections).toBe(0)
  })

  test('during the TLS handshake', async () => {
    const asked = deferred<void>()
    const closed = deferred<void>()
    const port = await listenTcp((socket) =>
      socket.once('data', () => asked.resolve()).once('close', closed.resolve),
    )
    let sent = 0
    const run = stream({ url: `wss://127.0.0.1:${port}/` }, { onSent: () => void (sent += 1) })
    await asked.promise
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    await closed.promise
    expect(sent).toBe(0)
  })

  test('while a proxy keeps silent', async () => {
    const asked = deferred<void>()
    const closed = deferred<void>()
    const port = await listenTcp((socket) =>
      socket.once('data', () => asked.resolve()).once('close', closed.resolve),
    )
    const proxy = { mode: 'explicit-proxy', url: `http://127.0.0.1:${port}` } as const
    const run = stream({ url: 'ws://127.0.0.1:1/', proxy })
    await asked.promise
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    await closed.promise
  })

  test.each([
    ['before the answer', ''],
    ['before the first event', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'],
    ['in the body of a refusal', 'HTTP/1.1 429 X\r\nContent-Length: 100\r\n\r\n{'],
  ])('%s', async (_name, answer) => {
    const asked = deferred<void>()
    const closed = deferred<void>()
    const port = await listenTcp((socket) => {
      socket.once('close', closed.resolve).once('data', () => {
        if (answer === '') asked.resolve()
        else socket.write(answer, () => asked.resolve())
      })
    })
    const run = stream({ url: `ws://127.0.0.1:${port}/` })
    await asked.promise
    await networkSettled()
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    await closed.promise
    expect(run.events).toEqual([])
  })

  test('in the middle of a stream stops the response', async () => {
    const server = await responses({
      turns: [{ text: ['a', 'b'], faults: [{ at: 'delta', do: 'silence' }] }],
    })
    const run = stream({ url: server.url })
    await run.heard('response.output_text.delta')
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    await server.waitFor('the end', () => server.requests().find(({ outcome }) => outcome === 'dropped'))
    expect(run.types().at(-1)).toBe('response.output_text.delta')
  })

  test('through a proxy ends both halves', async () => {
    const { url, sockets } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(CREATED))
    })
    const proxy = { mode: 'explicit-proxy', url: (await proxyServer()).url } as const
    const run = stream({ url, proxy })
    await run.heard('response.created')
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('while the listener is busy does not wait for it, and no event follows', async () => {
    const never = deferred<void>()
    const server = await responses()
    const run = stream({ url: server.url }, { onEvent: () => never.promise })
    await run.heard('response.created')
    run.abort(reason)
    expect(await errorOf(run.result)).toBe(reason)
    never.resolve()
    await networkSettled()
    expect(run.events).toHaveLength(1)
  })

  test('from the listener itself', async () => {
    const server = await responses()
    const run = stream({ url: server.url }, { onEvent: () => run.abort(reason) })
    expect(await errorOf(run.result)).toBe(reason)
    expect(run.events).toHaveLength(1)
  })

  test('of a compaction', async () => {
    const asked = deferred<void>()
    const { url, sockets } = await serve((_request, response) => {
      response.writeHead(200).write('{', () => asked.resolve())
    })
    const abort = new AbortController()
    const result = compact({ url }, 'x', abort.signal)
    await asked.promise
    abort.abort(reason)
    expect(await errorOf(result)).toBe(reason)
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('after the end changes nothing', async () => {
    const server = await responses()
    const run = stream({ url: server.url })
    const ending = await run.result
    run.abort(reason)
    expect(await run.result).toBe(ending)
  })

  test('leaves no listener on the signal', async () => {
    const server = await responses()
    const abort = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = abort.signal
    Object.assign(abort.signal, {
      addEventListener: (...given: Parameters<typeof addEventListener>) => {
        listeners += 1
        addEventListener.apply(abort.signal, given)
      },
      removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
        listeners -= 1
        removeEventListener.apply(abort.signal, given)
      },
    })
    await stream({ url: server.url }, { signal: abort.signal, onEvent: () => Promise.resolve() } as object)
      .result
    expect(listeners).toBe(0)
  })
})

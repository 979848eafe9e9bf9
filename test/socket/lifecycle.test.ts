import { describe, expect, test } from 'vitest'
import type { Secret } from '../../src/protocol/secret.ts'
import { KEY, networkSettled, deferred, drive } from './harness.ts'
import { accept, listenTcp, upgradeRaw } from './server.ts'

describe('the life of a socket actor', () => {
  test('opens, carries events both ways, and closes', async () => {
    const received: string[] = []
    const { url } = await accept((peer, request) => {
      expect(request.headers.authorization).toBe(`Bearer ${KEY}`)
      expect(request.headers['sec-websocket-extensions']).toBeUndefined()
      peer.on('message', (data) => {
        received.push((data as Buffer).toString())
        peer.send('{"type":"response.output_text.delta","delta":"hi"}')
      })
    })
    const run = drive({ url })
    expect(await run.fact('socket.opened')).toEqual({ type: 'socket.opened', connectionId: 7 })
    run.send({ type: 'send', event: { type: 'response.create', model: 'm' } })
    await run.heard('response.output_text.delta')
    expect(received).toEqual(['{"type":"response.create","model":"m"}'])
    run.send({ type: 'close', code: 1000, reason: 'bye' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toEqual({
      phase: 'closing',
      code: 1000,
      reason: 'bye',
      errno: null,
      error: null,
      heard: true,
    })
    await networkSettled()
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened', 'socket.lost'])
  })

  test('says how the server closed', async () => {
    const { url } = await accept((peer) => peer.close(1011, 'keepalive ping timeout'))
    const { loss } = await drive({ url }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'open', code: 1011, reason: 'keepalive ping timeout', heard: false })
  })

  test('keeps 1005 for a close frame without a code', async () => {
    const { url } = await accept((peer) => peer.close())
    const { loss } = await drive({ url }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'open', code: 1005, reason: '' })
  })

  test('tells the errno of a connection that was reset', async () => {
    const { url } = await accept((peer, request) => {
      peer.on('message', () => request.socket.resetAndDestroy())
    })
    const run = drive({ url })
    await run.fact('socket.opened')
    run.handle.send({ type: 'response.create' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'open', code: 1006, errno: 'ECONNRESET', error: null })
  })

  test('reports a message over the limit as 1009, and the server gets that code', async () => {
    const seen = deferred<number>()
    const { url } = await accept((peer) => {
      peer.on('close', seen.resolve)
      peer.send(JSON.stringify({ type: 'x', pad: 'y'.repeat(2_000) }))
    })
    const { loss } = await drive({ url, maxPayloadBytes: 1_000 }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'open', code: 1009, errno: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })
    expect(loss.reason).toMatch(/maxPayloadBytes/)
    expect(await seen.promise).toBe(1009)
  })

  test('reports text that is not UTF-8 as 1007', async () => {
    const { url } = await accept((peer) => peer.send(Buffer.from([0xff, 0xfe]), { binary: false }))
    const { loss } = await drive({ url }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'open', code: 1007 })
  })

  test('a refused TCP connection is lost in the dial, once', async () => {
    const run = drive({ url: 'ws://127.0.0.1:1/' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', code: 1006, errno: 'ECONNREFUSED', error: 'ERR_DIAL_FAILED' })
    await networkSettled()
    expect(run.facts).toHaveLength(1)
  })

  test('a peer that is no WebSocket server is lost in the dial', async () => {
    const port = await listenTcp((socket) => socket.end('hello\r\n\r\n'))
    const { loss } = await drive({ url: `ws://127.0.0.1:${port}/` }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
    expect(loss.errno).toMatch(/^HPE_/)
  })

  test('says what was wrong with the handshake', async () => {
    const port = await listenTcp((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    })
    const { loss } = await drive({ url: `ws://127.0.0.1:${port}/` }).fact('socket.lost')
    expect(loss.reason).toBe('Dialing failed: Invalid Sec-WebSocket-Accept header.')
  })

  test('stopping says nothing, and the peer sees 1006', async () => {
    const closed = deferred<number>()
    const { url } = await accept((peer) => peer.on('close', closed.resolve))
    const run = drive({ url })
    await run.fact('socket.opened')
    run.hangUp()
    expect(await closed.promise).toBe(1006)
    expect(run.facts).toHaveLength(1)
    expect(() => run.handle.send({ type: 'response.create' })).toThrow(/not open/)
  })

  test('closing while the peer is silent ends the dial', async () => {
    const gone = deferred<void>()
    const connected = deferred<void>()
    const port = await listenTcp((socket) => {
      connected.resolve()
      socket.on('close', () => gone.resolve())
      socket.resume()
    })
    const run = drive({ url: `ws://127.0.0.1:${port}/` })
    await connected.promise
    run.send({ type: 'close', code: 1000, reason: '' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'closing', heard: false })
    await gone.promise
  })

  test('closing while the provider is asked aborts it', async () => {
    let signal: AbortSignal | undefined
    const credential = (request: { signal: AbortSignal }) => {
      signal = request.signal
      return new Promise<Secret>(() => {})
    }
    const run = drive({ url: 'ws://127.0.0.1:1/', credential })
    run.send({ type: 'close', code: 1000, reason: '' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'closing', code: 1006 })
    expect(signal?.aborted).toBe(true)
  })

  test('a close handshake that the peer ignores is ended by stopping', async () => {
    const asked = deferred<void>()
    const gone = deferred<void>()
    const port = await listenTcp((socket) => {
      socket.on('close', () => gone.resolve())
      socket.once('data', () => socket.once('data', () => asked.resolve()))
      upgradeRaw(socket)
    })
    const run = drive({ url: `ws://127.0.0.1:${port}/` })
    await run.fact('socket.opened')
    run.send({ type: 'close', code: 1000, reason: '' })
    await asked.promise
    run.hangUp()
    await gone.promise
    expect(run.facts).toHaveLength(1)
  })

  test('after close no server event is heard', async () => {
    const { url } = await accept((peer) => {
      peer.on('close', () => {})
      peer.once('message', () => {
        for (let n = 0; n < 20; n += 1) peer.send('{"type":"keepalive"}')
        peer.send('{"type":"response.completed","response":{"id":"r","output":[]}}')
      })
    })
    const run = drive({ url })
    await run.fact('socket.opened')
    run.handle.send({ type: 'response.create' })
    run.send({ type: 'close', code: 1000, reason: '' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'closing', heard: true })
    // The turn under way ends with the socket; of what the server still said, nothing is heard.
    expect(run.emitted.map(({ type }) => type)).toEqual(['turn.lost'])
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened', 'socket.lost'])
  })

  test('a reason that does not fit a close frame is cut between characters', async () => {
    const closed = deferred<string>()
    const { url } = await accept((peer) =>
      peer.on('close', (_code, reason) => closed.resolve(String(reason))),
    )
    const run = drive({ url })
    await run.fact('socket.opened')
    run.send({ type: 'close', code: 4000, reason: 'é'.repeat(100) })
    expect(await closed.promise).toBe('é'.repeat(61))
  })

  test('a close code that cannot be sent ends the connection all the same', async () => {
    const { url } = await accept()
    const run = drive({ url })
    await run.fact('socket.opened')
    run.send({ type: 'close', code: 1006, reason: '' })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'closing', error: 'ERR_CHART_FAILED' })
  })

  test('a factory that throws is a loss, not an exception', async () => {
    const run = drive(
      { url: 'ws://127.0.0.1:1/' },
      {
        factory: () => {
          throw new Error(`no ${KEY}`)
        },
      },
    )
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_CHART_FAILED' })
    expect(JSON.stringify(loss)).not.toContain(KEY)
  })

  test('options that came out of JSON are a loss', async () => {
    const run = drive({ url: 'ws://127.0.0.1:1/' }, { input: { transport: '[redacted]' } })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
  })
})

import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { HttpExchangeError } from '../../src/http/errors.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { transport } from '../socket/harness.ts'
import { listenTcp } from '../socket/server.ts'
import {
  COMPLETED,
  CREATED,
  DELTA,
  networkSettled,
  compact,
  deferred,
  errorOf,
  responses,
  serve,
  serveStream,
  sse,
  stream,
} from './harness.ts'

async function broken(options: Parameters<typeof stream>[0], how: Parameters<typeof stream>[1] = {}) {
  const run = stream(options, how)
  const error = await errorOf(run.result)
  expect(error).toBeInstanceOf(HttpExchangeError)
  return { error, run }
}

/** A TCP server that does this once a request has arrived. */
const afterRequest = async (act: (socket: Socket) => void) => {
  const port = await listenTcp((socket) => socket.once('data', () => act(socket)))
  return `ws://127.0.0.1:${port}/v1/responses`
}

describe('a connection that is not made', () => {
  test('was not sent on', async () => {
    let sent = 0
    const { error } = await broken({ url: 'ws://127.0.0.1:1/' }, { onSent: () => void (sent += 1) })
    expect(error).toMatchObject({
      code: 'ERR_DIAL_FAILED',
      errno: 'ECONNREFUSED',
      progress: 'unsent',
      message:
        'Dialing failed (ECONNREFUSED). The HTTP request was not sent. ' +
        'Check the URL and the network; it is safe to ask again.',
    })
    expect(sent).toBe(0)
  })

  test('because TLS is answered with something else', async () => {
    const url = (await afterRequest((socket) => socket.end('no TLS here'))).replace('ws:', 'wss:')
    const { error } = await broken({ url })
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED', progress: 'unsent' })
    expect(error['errno']).toMatch(/^E/)
  })
})

describe('a connection that breaks', () => {
  test.each([
    ['a reset', (socket: Socket) => void socket.resetAndDestroy(), 'ECONNRESET'],
    ['an end', (socket: Socket) => void socket.end(), 'ECONNRESET'],
    ['no HTTP', (socket: Socket) => void socket.end('SSH-2.0-OpenSSH\r\n'), 'HPE_INVALID_CONSTANT'],
    [
      'an upgrade',
      (socket: Socket) => void socket.end('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      null,
    ],
    [
      'headers without end',
      (socket: Socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(70_000)}`),
      'HPE_HEADER_OVERFLOW',
    ],
  ])('before the answer, by %s', async (_name, act, errno) => {
    const { error } = await broken({ url: await afterRequest(act) })
    expect(error).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      errno,
      progress: 'sent',
      events: 0,
      responseId: null,
    })
    expect(error.message).toContain('no event had arrived')
  })

  test.each([
    ['created', 'started', 1, 'and no output'],
    ['delta', 'streaming', 5, 'output among them'],
  ] as const)('after the server had come to %s', async (at, progress, events, said) => {
    // The delay lets what was written leave before the connection is cut.
    const faults = [
      { at, do: 'delay', ms: 5 },
      { at, do: 'terminate' },
    ] as const
    const server = await responses({ turns: [{ text: 'a', faults: [...faults] }] })
    const { error, run } = await broken({ url: server.url })
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', errno: 'ECONNRESET', progress, events })
    expect(error.message).toContain(said)
    expect(run.events).toHaveLength(events)
    expect(run.events[0]).toMatchObject({ response: { id: error['responseId'] } })
    expect(server.creates()).toBe(1)
  })

  test.each([sse(DELTA) + sse(COMPLETED), sse(DELTA)])(
    'what had arrived before is not lost on a slow listener (%#)',
    async (text) => {
      const isBusy = deferred<void>()
      const cut = deferred<void>()
      const { url } = await serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(sse(CREATED))
        void isBusy.promise.then(() => response.write(text, () => void response.socket?.destroy()))
        response.on('close', cut.resolve)
      })
      const run = stream(
        { url },
        {
          onEvent: async ({ type }) => {
            if (type !== 'response.created') return
            isBusy.resolve()
            await cut.promise
            await networkSettled()
          },
        },
      )
      if (text.includes('completed')) expect(await run.result).toEqual(COMPLETED)
      else expect(await errorOf(run.result)).toMatchObject({ progress: 'streaming', events: 2 })
      expect(run.events[1]).toEqual(DELTA)
    },
  )

  test('ends without a terminal event', async () => {
    const { url } = await serveStream(sse(CREATED), sse({ type: 'keepalive' }), 'data: [DONE]\n\n')
    const { error } = await broken({ url })
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', errno: null, progress: 'started', events: 2 })
    expect(error.message).toMatch(
      /^The stream ended without a terminal event; 2 events had arrived, and no output\./,
    )
  })

  test('in the middle of a payload', async () => {
    const { url } = await serveStream(sse(CREATED), sse(COMPLETED).slice(0, 40))
    const { error, run } = await broken({ url })
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', progress: 'streaming', events: 1 })
    expect(run.types()).toEqual(['response.created', 'frame.rejected'])
  })
})

/** An event that is so long as JSON. */
const padded = (bytes: number) => {
  const delta = { ...DELTA, delta: '' }
  return { ...delta, delta: 'x'.repeat(bytes - JSON.stringify(delta).length) }
}

describe('more than maxPayloadBytes', () => {
  const limit = 1_000
  test('exactly as much passes, in one piece or in many', async () => {
    const text = sse(padded(limit)) + sse(COMPLETED)
    for (const chunks of [[text], text.match(/.{1,7}/gs) ?? []]) {
      const { url } = await serveStream(...chunks)
      const run = stream({ url, maxPayloadBytes: limit })
      await run.result
      expect(run.events).toEqual([padded(limit), COMPLETED])
    }
  })

  test.each([
    ['an event', sse(padded(limit + 1))],
    ['an event of many bytes a character', sse({ ...DELTA, delta: '€'.repeat(limit / 3) })],
    ['an event of many lines', `data: ${'1\ndata: '.repeat(limit)}\n\n`],
  ])('%s ends the stream, and what came before was delivered', async (_name, text) => {
    const { url } = await serveStream(sse(CREATED) + text + sse(COMPLETED))
    const { error, run } = await broken({ url, maxPayloadBytes: limit })
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', progress: 'started', events: 1 })
    expect(run.events).toEqual([CREATED])
  })

  test.each(['data: ', ': ', '', 'id: ', 'data\n', 'data: x\n'])(
    '%j without end is given up',
    async (start) => {
      let written = 0
      const { url, sockets } = await serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
        const repeated = start.endsWith('\n') ? start : 'x'
        const chunk = repeated.repeat(16_384)
        const write = (): void => {
          written += chunk.length
          response.write(chunk, (failed) => failed ?? setImmediate(write))
        }
        write()
      })
      const { error, run } = await broken({ url, maxPayloadBytes: 100_000 })
      expect(error['code']).toBe('ERR_FRAME_TOO_LARGE')
      expect(run.events).toEqual([])
      await expect.poll(() => sockets.size).toBe(0)
      expect(written).toBeGreaterThan(100_000)
    },
  )

  test('the local server is given up as well', async () => {
    const server = await responses({
      turns: [{ text: 'a', faults: [{ at: 'created', do: 'oversized', bytes: 3_000_000 }] }],
    })
    expect((await broken({ url: server.url })).error['code']).toBe('ERR_FRAME_TOO_LARGE')
  })

  test('an answer that is no stream', async () => {
    const { url } = await serve((_request, response) => void response.end('x'.repeat(limit + 1)))
    expect(await errorOf(compact({ url, maxPayloadBytes: limit }))).toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
      progress: 'sent',
    })
  })
})

describe('an answer that was not asked for', () => {
  test.each([
    [{ 'content-type': 'text/html' }, 'is no event stream'],
    [{ 'content-type': 'application/json' }, 'is no event stream'],
    [
      { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
      'is compressed, which was not asked for',
    ],
  ])('%j', async (headers, problem) => {
    const { url, sockets } = await serve((_request, response) => {
      response.writeHead(200, headers).write(sse(COMPLETED))
    })
    const { error, run } = await broken({ url })
    expect(error).toMatchObject({ code: 'ERR_BAD_FRAME', progress: 'sent' })
    expect(error.message).toContain(problem)
    expect(run.events).toEqual([])
    await expect.poll(() => sockets.size).toBe(0)
  })
})

describe('a request that cannot be made', () => {
  const cycle: Record<string, unknown> = { note: 'planted words' }
  cycle['self'] = cycle

  test.each([
    ['a cycle', cycle],
    ['a BigInt', { metadata: { n: 5n } }],
  ])('%s is not sent', async (_name, body) => {
    const server = await responses()
    const error = await errorOf(stream({ url: server.url }, { body }).result)
    expect(error).toMatchObject({ code: 'ERR_BAD_EVENT', name: 'HoldlineError' })
    expect(error.message).not.toContain('planted')
    expect(server.creates()).toBe(0)
  })

  test('options that went through JSON are refused', async () => {
    const sealed = new Secret(transport({ url: 'ws://127.0.0.1:1/' }))
    const gone = JSON.parse(JSON.stringify({ sealed })) as { sealed: typeof sealed }
    const error = await errorOf(
      stream({ url: 'ws://127.0.0.1:1/' }, { transport: gone.sealed } as object).result,
    )
    expect(error['code']).toBe('ERR_BAD_OPTION')
  })
})

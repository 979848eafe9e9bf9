import { describe, expect, test } from 'vitest'
import { RawClient } from '../testing/client.ts'
import {
  COMPLETED,
  CREATED,
  DELTA,
  deferred,
  errorOf,
  responses,
  serve,
  serveStream,
  sse,
  stream,
} from './harness.ts'

describe('the local server', () => {
  test('gives the events that it gives over a WebSocket, and the last one is the result', async () => {
    const turn = { text: ['a', 'b'], calls: [{ name: 'f', call_id: 'c1' }] }
    const server = await responses({ turns: [turn, turn] })
    const { result, events, types } = stream({ url: server.url })
    const ending = await result
    expect(ending).toBe(events.at(-1))
    expect(ending).toMatchObject({ type: 'response.completed', response: { status: 'completed' } })
    const client = await RawClient.open(server.url)
    const overSocket = await client.turn({ input: 'hi' })
    expect(types()).toEqual(overSocket.map(({ type }) => type))
    expect(server.creates()).toBe(2)
  })

  test('sees the body with stream, and nothing of the WebSocket', async () => {
    const server = await responses({ keepFrames: true })
    const body = { model: 'm', input: 'Zürich', store: false, my_field: 1 }
    await stream({ url: server.url }, { body }).result
    const sent = server.transcript().find(({ direction }) => direction === 'in')
    expect(JSON.parse(sent?.text ?? '')).toEqual({ ...body, stream: true })
  })

  test.each([
    [{ failed: { code: 'server_error' } }, { type: 'response.failed' }],
    [{ incomplete: { reason: 'max_output_tokens' } }, { type: 'response.incomplete' }],
    [{ faults: [{ at: 'created', do: 'done-dialect' }] }, { type: 'response.done' }],
    [
      { text: 'a', error: { status: 503 } },
      { type: 'error', status: 503 },
    ],
    [
      { text: 'a', faults: [{ at: 'before-terminal', do: 'double-terminal', error: { shape: 'flat' } }] },
      { type: 'error', code: 'server_error' },
    ],
  ] as const)('%j ends with its own event', async (turn, ending) => {
    const server = await responses({ turns: [turn as never] })
    const run = stream({ url: server.url })
    expect(await run.result).toMatchObject(ending)
    expect(run.events.at(-1)).toBe(await run.result)
  })

  test('events of unknown type pass, and what is no event becomes a notice', async () => {
    const faults = [
      { at: 'created', do: 'unknown-event', event: 'response.new_thing' },
      { at: 'created', do: 'broken-json', text: '{"type":"secret words' },
      { at: 'created', do: 'binary', bytes: 3 },
      { at: 'created', do: 'keepalive' },
    ] as const
    const server = await responses({ turns: [{ text: 'a', faults: [...faults] }] })
    const run = stream({ url: server.url })
    await run.result
    expect(run.types().slice(0, 4)).toEqual([
      'response.created',
      'response.new_thing',
      'frame.rejected',
      'keepalive',
    ])
    expect(run.events[2]).toMatchObject({ code: 'ERR_BAD_FRAME', problem: 'json', bytes: 21 })
    expect(JSON.stringify(run.events[2])).not.toContain('secret')
  })

  test('a slow stream is waited for', async () => {
    const server = await responses({ turns: [{ text: ['a', 'b'], delayMs: 3 }] })
    expect(await stream({ url: server.url }).result).toMatchObject({ type: 'response.completed' })
  })

  test('is told of the dispatch once, before any event', async () => {
    const server = await responses()
    const order: string[] = []
    await stream(
      { url: server.url },
      { onSent: () => void order.push('sent'), onEvent: ({ type }) => void order.push(type) },
    ).result
    expect(order.slice(0, 2)).toEqual(['sent', 'response.created'])
    expect(order.filter((each) => each === 'sent')).toHaveLength(1)
  })
})

describe('the event stream', () => {
  const whole = sse(CREATED) + sse(DELTA) + sse(COMPLETED)

  test.each([
    ['LF', whole],
    ['CR LF', whole.replaceAll('\n', '\r\n')],
    ['CR', whole.replaceAll('\n', '\r')],
    ['no space after the colon', whole.replaceAll('data: ', 'data:')],
    ['other fields', whole.replaceAll('data:', 'event: x\nid: 4\nretry: 10\nretry: soon\nfoo\ndata:')],
    ['comments and empty data', `: hello\n\ndata:\n\n${whole.replaceAll('data:', ': keep\ndata:')}`],
    ['data in several lines', whole.replaceAll(',"', ',\ndata: "')],
    ['a byte order mark', `\uFEFF${whole}`],
    ['[DONE] before and after', `data: [DONE]\n\n${whole}data: [DONE]\n\n`],
    ['no blank line at the end', whole.trimEnd()],
  ])('may have %s', async (_name, text) => {
    const { url } = await serveStream(text)
    const run = stream({ url })
    await run.result
    expect(run.events).toEqual([CREATED, DELTA, COMPLETED])
  })

  test('may come byte by byte', async () => {
    const { url } = await serve((request, response) => {
      request.socket.setNoDelay()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const bytes = Buffer.from(whole)
      const next = (at: number): void => {
        if (at === bytes.length) response.end()
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1))
      }
      next(0)
    })
    const run = stream({ url })
    await run.result
    expect(run.events).toEqual([CREATED, DELTA, COMPLETED])
  })

  test('is over with its terminal event, also where the server goes on', async () => {
    const closed = deferred<void>()
    const { url, sockets } = await serve((request, response) => {
      request.socket.on('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(whole + sse(DELTA))
    })
    const run = stream({ url })
    expect(await run.result).toEqual(COMPLETED)
    await closed.promise
    expect(run.events).toEqual([CREATED, DELTA, COMPLETED])
    expect(sockets.size).toBe(0)
  })

  test('may come without a content type', async () => {
    const { url } = await serve((_request, response) => void response.writeHead(200).end(whole))
    expect(await stream({ url }).result).toEqual(COMPLETED)
  })

  test('a server does not speak in the name of this side', async () => {
    const forged = { type: 'frame.rejected', code: 'ERR_BAD_FRAME', problem: 'planted' }
    const { url } = await serveStream(sse(forged) + whole)
    const run = stream({ url })
    await run.result
    expect(run.events[0]).toMatchObject({ type: 'frame.rejected', problem: 'shape', path: 'type' })
  })

  test('a terminal event of a wrong shape is one all the same, after a notice of what is wrong', async () => {
    const { url } = await serveStream(sse({ type: 'response.completed', response: { id: 5 } }))
    const run = stream({ url })
    expect(await run.result).toEqual({ type: 'response.completed', response: { id: '', output: [] } })
    expect(run.events).toMatchObject([
      { type: 'frame.rejected', problem: 'shape', path: 'response.id' },
      { type: 'response.completed' },
    ])
  })
})

describe('the listener', () => {
  const reason = new Error('enough')

  test.each([
    [
      'throws',
      () => {
        throw reason
      },
    ],
    ['rejects', () => Promise.reject(reason)],
  ])('that %s ends the request with its own error', async (_name, onEvent) => {
    const { url, sockets } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(CREATED) + sse(DELTA))
    })
    const run = stream({ url }, { onEvent })
    expect(await errorOf(run.result)).toBe(reason)
    expect(run.events).toHaveLength(1)
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('so does an onSent that throws', async () => {
    const { url, sockets } = await serve(() => {})
    const onSent = () => {
      throw reason
    }
    expect(await errorOf(stream({ url }, { onSent }).result)).toBe(reason)
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('that is slow stops the reading', async () => {
    const chunk = sse({ ...DELTA, delta: 'x'.repeat(10_000) })
    const total = 40_000_000
    let written = 0
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sse(CREATED))
      const write = (): void => {
        while (written < total) {
          written += chunk.length
          if (!response.write(chunk)) return void response.once('drain', write)
        }
        response.end(sse(COMPLETED))
      }
      write()
    })
    const gate = deferred<void>()
    const run = stream(
      { url },
      { onEvent: ({ type }) => (type === 'response.created' ? gate.promise : undefined) },
    )
    await run.heard('response.created')
    // What the kernel's buffers take is taken; then nothing moves any more.
    let before = -1
    await expect
      .poll(() => {
        const still = written === before
        before = written
        return still
      })
      .toBe(true)
    expect(written).toBeLessThan(total / 2)
    expect(run.events).toHaveLength(1)
    gate.resolve()
    await run.result
    expect(written).toBeGreaterThanOrEqual(total)
    expect(run.events).toHaveLength(2 + Math.ceil(total / chunk.length))
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions, TurnFault } from '../../src/testing/index.ts'
import { createResponsesServer, parseScript, settle, SimulatedClock } from '../../src/testing/index.ts'
import type { Event } from './client.ts'
import { RawClient, responseOf } from './client.ts'

let server: ResponsesServer
const clock = new SimulatedClock()

async function start(options: ServerOptions): Promise<RawClient> {
  // Through JSON, so that what code can say a file can say too.
  const script = parseScript(JSON.parse(JSON.stringify(options)))
  server = await createResponsesServer({ clock, ...script })
  return await RawClient.open(server.url)
}

async function withFault(...faults: TurnFault[]): Promise<RawClient> {
  const client = await start({ turns: [{ text: ['a', 'b', 'c'], faults }] })
  client.create()
  return client
}

afterEach(async () => {
  await server.close()
})

describe('points', () => {
  test.each([
    [{ at: 'request' }, null],
    [{ at: 'created' }, 'response.created'],
    [{ at: 'in-progress' }, 'response.in_progress'],
    [{ at: 'delta' }, 'response.output_text.delta'],
    [{ at: 'delta', nth: 3 }, 'response.output_text.delta'],
    [{ at: 'item' }, 'response.output_item.done'],
    [{ at: 'before-terminal' }, 'response.output_item.done'],
    [{ at: 'after-terminal' }, 'response.completed'],
  ] as const)('a close at %o comes after %s', async (point, last) => {
    const client = await withFault({ ...point, do: 'close', code: 4000, reason: 'script' })
    expect(await client.untilClosed()).toEqual({ code: 4000, reason: 'script' })
    expect(client.events.at(-1)?.type ?? null).toBe(last)
    const deltas = client.types().filter((type) => type.endsWith('.delta')).length
    expect(deltas).toBe('nth' in point ? 3 : point.at === 'delta' ? 1 : last === null || deltas === 0 ? 0 : 3)
  })

  test('the k-th delta is counted over all items', async () => {
    const output = [
      { type: 'text' as const, text: ['a', 'b'] },
      { type: 'call' as const, name: 'f', arguments: ['{', '}'] },
    ]
    const client = await start({ turns: [{ output, faults: [{ at: 'delta', nth: 3, do: 'terminate' }] }] })
    client.create()
    await client.untilClosed()
    expect(client.last()).toMatchObject({ type: 'response.function_call_arguments.delta', delta: '{' })
  })
})

describe('faults that end the connection', () => {
  test.each([
    [{ do: 'close' as const }, 1011],
    [{ do: 'close' as const, code: 1012 }, 1012],
    [{ do: 'terminate' as const }, 1006],
    [{ do: 'terminate' as const, reset: true }, 1006],
  ])('%o is seen as %i', async (fault, code) => {
    const client = await withFault({ at: 'delta', ...fault })
    expect((await client.untilClosed()).code).toBe(code)
    const closed = await server.waitForClose()
    expect(closed.open).toBe(false)
    expect(server.requests()[0]?.outcome).toBe('dropped')
  })
})

describe('faults that pass', () => {
  test.each<[TurnFault, Partial<Event>]>([
    [
      { at: 'delta', do: 'unknown-event' },
      { type: 'response.unheard_of', sequence_number: 5 },
    ],
    [{ at: 'delta', do: 'unknown-event', event: 'x' }, { type: 'x' }],
    [
      { at: 'delta', do: 'keepalive' },
      { type: 'keepalive', sequence_number: 5 },
    ],
    [{ at: 'delta', do: 'stale-event', responseId: 'resp_0' }, { type: 'response.failed' }],
    [{ at: 'delta', do: 'stale-event', event: 'response.completed' }, { type: 'response.completed' }],
  ])('%o is sent, and the turn goes on', async (fault, expected) => {
    const client = await withFault(fault)
    await client.until(() => client.types().includes('response.output_item.done'))
    expect(client.events[5]).toMatchObject(expected)
    await client.until(() => client.last()['response']?.id === 'resp_1')
    expect(client.last().type).toBe('response.completed')
  })

  test('a stale event carries the id of the response before', async () => {
    const fault = { at: 'created' as const, do: 'stale-event' as const }
    const client = await start({ turns: [{}, { faults: [fault] }] })
    await client.turn()
    const events = await client.turn()
    expect(events[0]).toMatchObject({ type: 'response.created', response: { id: 'resp_2' } })
    expect(events[1]).toMatchObject({ type: 'response.failed', response: { id: 'resp_1', status: 'failed' } })
  })

  test('a binary frame, broken JSON and a frame of a given size', async () => {
    const client = await withFault(
      { at: 'delta', do: 'binary', bytes: 7 },
      { at: 'delta', do: 'broken-json' },
      { at: 'delta', do: 'broken-json', text: '[1,' },
      { at: 'delta', nth: 2, do: 'oversized', bytes: 70_000 },
    )
    await client.until(() => client.last().type === 'response.completed')
    expect(client.binaries.map((data) => data.length)).toEqual([7])
    const broken = client.texts.filter((text) => !text.endsWith('}'))
    expect(broken).toHaveLength(2)
    expect(Math.max(...client.texts.map((text) => text.length))).toBeGreaterThanOrEqual(70_000)
  })

  test('the terminal event can lack the output, or speak the older dialect', async () => {
    const client = await start({
      turns: [
        { text: 'a', faults: [{ at: 'before-terminal', do: 'empty-output' }] },
        { text: 'a', faults: [{ at: 'request', do: 'done-dialect' }] },
        { incomplete: {}, faults: [{ at: 'request', do: 'done-dialect' }] },
      ],
    })
    expect(responseOf(await client.turn())['output']).toEqual([])
    const done = await client.turn()
    expect(done.at(-1)).toMatchObject({ type: 'response.done', response: { status: 'completed' } })
    expect((await client.turn()).at(-1)).toMatchObject({
      type: 'response.done',
      response: { status: 'incomplete' },
    })
  })

  test('response.created can be missing, and sequence numbers can have a gap', async () => {
    const client = await withFault(
      { at: 'request', do: 'omit-created' },
      { at: 'delta', do: 'sequence-gap', by: 5 },
    )
    await client.until(() => client.last().type === 'response.completed')
    expect(client.types()[0]).toBe('response.in_progress')
    expect(client.events.slice(0, 5).map((event) => event['sequence_number'])).toEqual([0, 1, 2, 3, 9])
  })
})

describe('faults that take time', () => {
  test('a delay holds the turn back, and delayMs every event', async () => {
    const client = await start({
      turns: [{ faults: [{ at: 'created', do: 'delay', ms: 5000 }] }, { text: ['a'], delayMs: 100 }],
    })
    client.create()
    await client.until(() => client.types().includes('response.created'))
    await clock.advance(4999)
    expect(client.types()).toEqual(['response.created'])
    await clock.advance(1)
    expect(client.last().type).toBe('response.completed')
    client.create()
    await settle()
    await clock.advance(250)
    expect(client.types().slice(-3)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
    ])
    await clock.advance(1000)
    expect(client.last().type).toBe('response.completed')
  })

  test('silence for ever: no event and no pong, but the socket stays open', async () => {
    const client = await withFault({ at: 'delta', do: 'silence' })
    await client.until(() => client.types().includes('response.output_text.delta'))
    client.socket.ping()
    client.create()
    await clock.advance(3_000_000)
    expect(client.last().type).toBe('response.output_text.delta')
    expect([client.pongs, client.closed]).toEqual([0, null])
  })

  test('silence answers no close frame either, until it is over', async () => {
    const client = await withFault({ at: 'delta', do: 'silence', ms: 1000 })
    await client.until(() => client.types().includes('response.output_text.delta'))
    client.socket.close(1000)
    await clock.advance(999)
    expect(client.closed).toBeNull()
    await clock.advance(1)
    expect((await client.untilClosed()).code).toBe(1000)
  })

  test('silence for a while: everything comes later, in order', async () => {
    const client = await withFault({ at: 'delta', do: 'silence', ms: 1000 })
    await settle()
    client.send('garbage')
    await clock.advance(999)
    expect(client.last().type).toBe('response.output_text.delta')
    await clock.advance(1)
    expect(client.types()).toContain('error')
    expect(client.last()).toMatchObject({ type: 'response.completed', sequence_number: 10 })
  })

  test('a server that stops reading takes no message until it reads again', async () => {
    const client = await start({
      turns: [{ faults: [{ at: 'after-terminal', do: 'stop-reading', ms: 1000 }] }],
    })
    await client.turn()
    client.create({ metadata: { turn: 'second' } })
    await server.expectNoCreate('second')
    await clock.advance(1000)
    expect((await server.waitForCreate('second')).at).toBe(clock.now())
  })
})

describe('errors', () => {
  const headers = { 'retry-after-ms': 7 }
  const error = { status: 400, code: 'c', message: 'm', param: 'p', headers }
  const inner = { type: 'invalid_request_error', code: 'c', message: 'm', param: 'p' }
  test.each([
    [{}, { status: 400, error: { ...inner, headers } }],
    [{ headersIn: 'top' }, { status: 400, headers, error: inner }],
    [{ headersIn: 'both' }, { status: 400, headers, error: { ...inner, headers } }],
    [{ statusField: 'status_code' }, { status_code: 400, error: { ...inner, headers } }],
    [{ statusField: 'none' }, { error: { ...inner, headers } }],
    [{ shape: 'flat' }, { code: 'c', message: 'm', param: 'p', headers, sequence_number: 0 }],
    [
      { shape: 'detail', headersIn: 'top' },
      { status: 400, headers, error: { detail: 'm' } },
    ],
  ] as const)('the form %o', async (form, expected) => {
    const client = await start({
      turns: [
        { error: { ...error, ...form } },
        { faults: [{ at: 'delta', do: 'error', error: { ...error, ...form } }] },
      ],
      errors: { shape: 'nested' },
    })
    expect(await client.turn()).toEqual([{ type: 'error', ...expected }])
    expect((await client.turn()).at(-1)).toEqual({ type: 'error', ...expected, sequence_number: 5 })
  })

  test('the form of the server’s own errors', async () => {
    const client = await start({ errors: { shape: 'detail', statusField: 'status_code' } })
    expect(await client.turn({ previous_response_id: 'resp_x' })).toEqual([
      { type: 'error', status_code: 400, error: { detail: "Previous response with id 'resp_x' not found." } },
    ])
  })

  test('an error after the terminal event comes once', async () => {
    const client = await start({
      turns: [{ faults: [{ at: 'after-terminal', do: 'error' }] }, { text: 'b' }],
    })
    await client.turn()
    await client.turn()
    const ends = client.types().filter((type) => /error|completed/.test(type))
    expect(ends).toEqual(['response.completed', 'error', 'response.completed'])
  })

  test('a double terminal frees the lane at the error, and fails late', async () => {
    const fault = { at: 'in-progress' as const, do: 'double-terminal' as const, lateMs: 1000 }
    const client = await start({ turns: [{ faults: [fault] }, { text: 'next', delayMs: 400 }] })
    await client.turn()
    client.create()
    await settle()
    await clock.advance(1000)
    const late = client.events.findIndex((event) => event.type === 'response.failed')
    expect(client.events[late]?.['response']).toMatchObject({ id: 'resp_1', status: 'failed' })
    expect(client.types().slice(3, late)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
    ])
    await clock.advance(5000)
    expect(client.last()).toMatchObject({ type: 'response.completed', response: { id: 'resp_2' } })
    expect(server.requests().map((request) => request.outcome)).toEqual(['error', 'completed'])
  })
})

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { WebSocket } from 'ws'
import { FRAME_CHANNEL, type FrameNote } from '../../src/socket/index.ts'
import { networkSettled, deferred, drive } from './harness.ts'
import { accept } from './server.ts'

/** A server that sends these frames to whoever connects. */
const serving = (...frames: (string | Buffer)[]) =>
  accept((peer) => frames.forEach((frame) => peer.send(frame, { binary: typeof frame !== 'string' })))

/** The lanes that frames name, each once: null for the one that has no name. */
function lanesOf(frames: readonly (string | Buffer)[]): (string | null)[] {
  const names = frames.map((frame) => /"stream_id":"(.*?)"/.exec(String(frame))?.[1] ?? null)
  return [...new Set(names)]
}

/** The same to whoever asks: a turn runs on each lane that the frames name. */
async function answering(frames: readonly (string | Buffer)[], how: Parameters<typeof drive>[1] = {}) {
  const lanes = lanesOf(frames)
  const { url } = await accept((peer) => {
    let asked = 0
    peer.on('message', () => {
      asked += 1
      if (asked === lanes.length) frames.forEach((frame) => peer.send(frame))
    })
  })
  const run = drive({ url }, how)
  await run.fact('socket.opened')
  for (const lane of lanes)
    run.handle.send({ type: 'response.create', ...(lane !== null && { stream_id: lane }) })
  return run
}

const completed = (more: object = {}, response: object = {}) =>
  JSON.stringify({
    type: 'response.completed',
    response: { id: 'resp_1', status: 'completed', output: [], ...response },
    ...more,
  })

describe('events', () => {
  test('content is emitted and causes no fact', async () => {
    const { url } = await serving(
      '{"type":"response.created","response":{"id":"resp_1","output":[]}}',
      '{"type":"response.output_text.delta","delta":"a"}',
      '{"type":"some.new.thing","field":1}',
    )
    const run = drive({ url })
    await run.heard('some.new.thing')
    expect(run.emitted.map((event) => event.type)).toEqual([
      'response.created',
      'response.output_text.delta',
      'some.new.thing',
    ])
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened'])
  })

  test('without a registered owner the socket actor emits itself', async () => {
    const { url } = await serving('{"type":"keepalive"}')
    const run = drive({ url }, { emitAs: 'fallback' })
    expect(await run.heard('keepalive')).toEqual({ type: 'keepalive' })
  })

  test('the chart moves first, then listeners are called', async () => {
    const run = await answering([completed()])
    await run.heard('response.completed')
    expect(run.order).toEqual(['socket.opened', 'server.settled', 'emitted response.completed'])
  })

  test('the frame over which the chart hangs up is still heard, and none after it', async () => {
    const limit = '{"type":"error","status":400,"error":{"code":"websocket_connection_limit_reached"}}'
    const { url } = await serving(limit, '{"type":"keepalive"}', completed())
    const run = drive({ url }, { hangUpOn: ['server.errored'] })
    await run.heard('error')
    await networkSettled()
    expect(run.order).toEqual(['socket.opened', 'server.errored', 'emitted error'])
  })

  test.each([
    ['a completed response', completed(), { lane: null, outcome: 'completed', stored: false }],
    ['a stored one', completed({}, { store: true }), { stored: true }],
    ['one on a lane', completed({ stream_id: 'side' }), { lane: 'side' }],
    ['a failed one', completed({ type: 'response.failed' }, { status: 'failed' }), { outcome: 'failed' }],
    ['an incomplete one', completed({ type: 'response.incomplete' }), { outcome: 'incomplete' }],
    [
      'the older dialect',
      completed({ type: 'response.done' }, { status: 'cancelled' }),
      { outcome: 'incomplete' },
    ],
  ])('settles %s', async (_name, frame, expected) => {
    const fact = await (await answering([frame])).fact('server.settled')
    expect(fact).toMatchObject({ connectionId: 7, responseId: 'resp_1', ...expected })
  })

  test.each([
    ['a completed response', completed()],
    ['a stored one', completed({}, { store: true })],
    ['one on a lane', completed({ stream_id: 'side' })],
    ['a failed one', completed({ type: 'response.failed' }, { status: 'failed' })],
    ['the older dialect', completed({ type: 'response.done' }, { status: 'cancelled' })],
  ])('settles nothing that nobody asked for, but listeners hear it: %s', async (_name, frame) => {
    const { url } = await serving(frame, '{"type":"keepalive"}')
    const run = drive({ url })
    await run.heard('keepalive')
    expect(run.emitted).toHaveLength(2)
    expect(run.order.filter((entry) => !entry.startsWith('emitted'))).toEqual(['socket.opened'])
  })

  test.each([
    [
      'nested',
      { status: 429, error: { code: 'rate_limit_exceeded', message: 'm' } },
      429,
      'rate_limit_exceeded',
    ],
    ['flat', { code: 'server_error', message: 'm', param: null }, null, 'server_error'],
    ['with the other name of status', { status_code: 500, error: { code: null } }, 500, null],
    ['with a code that is none', { error: { code: 'a sentence, not a code' } }, null, null],
  ])('an error, %s', async (_name, body, status, code) => {
    const { url } = await serving(JSON.stringify({ type: 'error', ...body }))
    const fact = await drive({ url }).fact('server.errored')
    expect(fact).toEqual({ type: 'server.errored', connectionId: 7, lane: null, status, code })
  })

  test('response.error without a response is an error', async () => {
    const { url } = await serving('{"type":"response.error","code":"overloaded"}')
    expect(await drive({ url }).fact('server.errored')).toMatchObject({ code: 'overloaded' })
  })

  test('a listener that throws breaks nothing', async () => {
    const thrown = deferred<unknown>()
    const original = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', thrown.resolve)
    onTestFinished(() => original.forEach((listener) => process.on('uncaughtException', listener)))
    const run = await answering(['{"type":"keepalive"}', completed()], { emitAs: 'fallback' })
    run.socket.on('keepalive', () => {
      throw new Error('from a listener')
    })
    await run.heard('response.completed')
    expect(await thrown.promise).toMatchObject({ message: 'from a listener' })
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened', 'server.settled'])
  })
})

describe('frames that are no events', () => {
  const text = '{"type":"response.output_text.delta","delta":5,"secret":"content"}'
  test.each([
    ['binary', Buffer.from('{"type":"keepalive"}')],
    ['json', '{"type": sk-secret'],
    ['not-an-object', '[1]'],
    ['not-an-object', 'null'],
    ['no-type', '{"typ":"x"}'],
    ['no-type', '{"type":5}'],
    ['shape', text],
    ['shape', '{"type":"response.created","response":{"id":""}}'],
  ] as const)('%s', async (problem, frame) => {
    const { url } = await serving(frame, '{"type":"keepalive"}')
    const run = drive({ url })
    const rejected = await run.heard('frame.rejected')
    await run.heard('keepalive')
    const sha256 = createHash('sha256').update(frame).digest('hex').slice(0, 16)
    const bytes = Buffer.byteLength(frame)
    expect(rejected).toMatchObject({ code: 'ERR_BAD_FRAME', problem, bytes, sha256 })
    expect(
      Object.keys(rejected)
        .filter((key) => key !== 'path')
        .toSorted(),
    ).toEqual(['bytes', 'code', 'problem', 'sha256', 'type'])
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened'])
  })

  test.each([
    '{"type":"response.completed","response":{"id":""}}',
    '{"type":"response.completed"}',
    '{"type":"response.failed","response":{"id',
    '{"error":{"message":"no"}}',
    '{"type":"error","status":"400"}',
  ])('%s ends a request all the same', async (frame) => {
    const { url } = await serving(frame)
    const run = drive({ url })
    await run.fact('server.errored')
    expect(run.emitted[0]).toMatchObject({ type: 'frame.rejected', problem: 'shape' })
  })

  test('a shape says where', async () => {
    const { url } = await serving(text)
    expect(await drive({ url }).heard('frame.rejected')).toMatchObject({ path: 'delta' })
  })

  test.each(['send.refused', 'upgrade.refused', 'turn.lost', 'frame.rejected', 'connection.closed', '*'])(
    'a server cannot speak as %s',
    async (type) => {
      const { url } = await serving(JSON.stringify({ type, code: 'ERR_NOT_OPEN', forged: true }))
      const run = drive({ url })
      expect(await run.heard('frame.rejected')).toMatchObject({ problem: 'shape', path: 'type' })
      expect(run.emitted).toHaveLength(1)
    },
  )

  test('a long storm of them neither stops nor grows the process', async () => {
    const storm = 200_000
    const { url } = await accept((peer) => pour(peer, storm))
    const done = deferred<void>()
    let seen = 0
    const run = drive({ url }, { hear: () => (seen += 1) === storm && done.resolve() })
    await run.fact('socket.opened')
    const before = heapInUse()
    await done.promise
    expect(heapInUse() - before).toBeLessThan(4 << 20)
    expect(run.facts.map((fact) => fact.type)).toEqual(['socket.opened'])
    expect(run.handle.send({ type: 'response.create' })).toEqual({ bytes: 26 })
  }, 30_000)
})

/** Bytes on the heap after a full collection. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/** Sends without filling the server's own memory. */
function pour(peer: WebSocket, count: number): void {
  const kinds = ['{', '[]', '{"type":1}', '{"type":"response.created"}', 'x'.repeat(100)]
  let sent = 0
  const batch = () => {
    const end = Math.min(sent + 1_000, count)
    while (sent < end - 1) peer.send(kinds[sent++ % kinds.length] ?? '')
    sent += 1
    peer.send('{', () => sent < count && batch())
  }
  batch()
}

describe('the probe', () => {
  test('one answer for one probe, by a pong', async () => {
    const { url } = await accept()
    const run = drive({ url })
    await run.fact('socket.opened')
    run.send({ type: 'probe' })
    expect(await run.fact('socket.heard')).toEqual({ type: 'socket.heard', connectionId: 7 })
    await networkSettled()
    expect(run.facts).toHaveLength(2)
  })

  test('any frame is an answer, and the chart hears of it before listeners hear the event', async () => {
    const { url } = await accept((peer) => {
      peer.on('message', () => peer.send('{"type":"keepalive"}'))
    })
    const run = drive({ url })
    await run.fact('socket.opened')
    run.handle.send({ type: 'response.create' })
    run.send({ type: 'probe' })
    await run.heard('keepalive')
    await networkSettled()
    expect(run.order).toEqual(['socket.opened', 'socket.heard', 'emitted keepalive'])
  })

  test('without a probe nothing is reported', async () => {
    const heard = deferred<void>()
    const { url } = await accept((peer) => {
      peer.once('pong', () => heard.resolve())
      peer.ping()
    })
    const run = drive({ url })
    await run.fact('socket.opened')
    await heard.promise
    expect(run.facts).toHaveLength(1)
  })
})

describe('the frame channel', () => {
  test('carries sizes and types, and nothing else', async () => {
    const notes: FrameNote[] = []
    const listener = (note: unknown) => void notes.push(note as FrameNote)
    subscribe(FRAME_CHANNEL, listener)
    onTestFinished(() => void unsubscribe(FRAME_CHANNEL, listener))
    const odd = JSON.stringify({ type: 'not a plain type' })
    const { url } = await accept((peer) => {
      peer.on('message', () => [completed(), odd, '{'].forEach((frame) => peer.send(frame)))
    })
    const run = drive({ url })
    await run.fact('socket.opened')
    run.handle.send({ type: 'response.create', input: 'hidden' })
    await run.heard('frame.rejected')
    run.send({ type: 'probe' })
    await run.fact('socket.heard')
    const own = { connection: run.parent.sessionId, connectionId: 7 }
    expect(notes).toEqual([
      { ...own, direction: 'out', kind: 'message', type: 'response.create', bytes: 43 },
      { ...own, direction: 'in', kind: 'message', type: 'response.completed', bytes: completed().length },
      { ...own, direction: 'in', kind: 'message', type: null, bytes: odd.length },
      { ...own, direction: 'in', kind: 'message', type: null, bytes: 1 },
      { ...own, direction: 'out', kind: 'ping', type: null, bytes: 0 },
      { ...own, direction: 'in', kind: 'pong', type: null, bytes: 0 },
    ])
    expect(channel(FRAME_CHANNEL).hasSubscribers).toBe(true)
  })
})

import { describe, expect, test } from 'vitest'
import { isHoldlineError } from '../../src/protocol/errors.ts'
import type { ClientEvent } from '../../src/protocol/index.ts'
import { socketHandle } from '../../src/socket/index.ts'
import { drive } from './harness.ts'
import { accept, listenTcp, upgradeRaw } from './server.ts'

function refusal(send: () => unknown): { code: string; message: string } {
  try {
    send()
  } catch (error) {
    if (isHoldlineError(error)) return error
    throw error
  }
  throw new Error('it was sent')
}

async function openHandle(limits: { maxFrameBytes?: number; maxBufferedBytes?: number } = {}) {
  const { url } = await accept()
  const run = drive({ url, ...limits })
  await run.fact('socket.opened')
  return run
}

const toJSON = () => {
  throw new Error('hidden content')
}

describe('the handle', () => {
  test('belongs to socket actors only', async () => {
    const run = await openHandle()
    expect(socketHandle(run.parent)).toBeUndefined()
    expect(socketHandle(undefined)).toBeUndefined()
    expect(run.handle.bufferedAmount).toBe(0)
  })

  test('counts bytes of UTF-8', async () => {
    const { handle } = await openHandle()
    expect(handle.send({ type: 'response.create', model: '€' })).toEqual({ bytes: 40 })
  })

  test('refuses before the connection is open', async () => {
    const port = await listenTcp()
    const { handle } = drive({ url: `ws://127.0.0.1:${port}/` })
    const { code, message } = refusal(() => handle.send({ type: 'response.create' }))
    expect(code).toBe('ERR_NOT_OPEN')
    expect(message).toContain('The event was not sent.')
  })

  test('refuses from the close command on', async () => {
    const run = await openHandle()
    run.send({ type: 'close', code: 1000, reason: '' })
    expect(refusal(() => run.handle.send({ type: 'response.create' })).code).toBe('ERR_NOT_OPEN')
  })

  const cyclic: Record<string, unknown> = { type: 'response.create' }
  cyclic['self'] = cyclic
  test.each([
    ['an unknown type', { type: 'response.cancel' }],
    ['no object', 'response.create'],
    ['nothing', undefined],
    ['null', null],
    ['a list', [{ type: 'response.create' }]],
    ['a cycle', cyclic],
    ['a BigInt', { type: 'response.create', max_output_tokens: 1n }],
    ['a toJSON that throws', { type: 'response.create', toJSON }],
    ['a toJSON that gives nothing', { type: 'response.create', toJSON: () => undefined }],
  ])('refuses %s', async (_name, event) => {
    const run = await openHandle()
    const { code, message } = refusal(() => run.handle.send(event as unknown as ClientEvent))
    expect(code).toBe('ERR_BAD_EVENT')
    expect(message).toContain('The event was not sent.')
    expect(message).not.toContain('hidden content')
    expect(run.handle.bufferedAmount).toBe(0)
  })

  test('refuses what is larger than a frame may be, with both numbers', async () => {
    const { handle } = await openHandle({ maxFrameBytes: 40 })
    expect(handle.send({ type: 'response.create', model: 'x' })).toEqual({ bytes: 38 })
    const { code, message } = refusal(() => handle.send({ type: 'response.create', model: '€€' }))
    expect(code).toBe('ERR_FRAME_TOO_LARGE')
    expect(message).toMatch(/43 bytes.*\b40\b.*The event was not sent\./)
    expect(message).not.toContain('€')
  })

  test('refuses when a peer that stops reading has filled the buffer', async () => {
    const port = await listenTcp((socket) => {
      upgradeRaw(socket)
      socket.once('data', () => setImmediate(() => socket.pause()))
    })
    const run = drive({ url: `ws://127.0.0.1:${port}/`, maxBufferedBytes: 3 << 20 })
    await run.fact('socket.opened')
    const event: ClientEvent = { type: 'response.create', input: 'x'.repeat(1 << 19) }
    const outcome = refusal(() => {
      for (let n = 0; n < 200; n += 1) run.handle.send(event)
    })
    expect(outcome.code).toBe('ERR_BACKPRESSURE')
    expect(outcome.message).toMatch(/bytes wait to be sent.*\b3145728\b.*The event was not sent\./)
    expect(run.handle.bufferedAmount).toBeLessThanOrEqual(3 << 20)
    expect(run.handle.bufferedAmount).toBeGreaterThan(1 << 20)
    run.hangUp()
  })

  test('the chart hears of a refused send as an emitted event', async () => {
    const run = await openHandle({ maxFrameBytes: 10 })
    run.send({ type: 'send', event: { type: 'response.create' } })
    run.send({ type: 'send', event: { type: 'nonsense' } as never })
    expect(run.emitted).toMatchObject([
      { type: 'send.refused', code: 'ERR_FRAME_TOO_LARGE', eventType: 'response.create' },
      { type: 'send.refused', code: 'ERR_BAD_EVENT', eventType: null },
    ])
    expect(run.facts).toHaveLength(1)
  })
})

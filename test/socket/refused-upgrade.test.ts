import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { UpgradeRefused } from '../../machines/socket-notices.ts'
import { KEY, networkSettled, drive } from './harness.ts'
import { refuse } from './server.ts'

const answer =
  (status: number, body: unknown = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

async function refused(listener: RequestListener, how: Parameters<typeof drive>[1] = {}) {
  const { url, requests } = await refuse(listener)
  const run = drive({ url }, how)
  const { refusal } = await run.fact('socket.refused')
  const notice = (await run.heard('upgrade.refused')) as unknown as UpgradeRefused
  return { run, refusal, notice, requests }
}

/** A clock that stands still. A timer in it means that a body is being read. */
function stoppedClock() {
  const timers = new Map<number, { at: number; fn: () => void }>()
  let ids = 0
  const clock = {
    setTimeout: (fn: () => void, at: number) => (timers.set((ids += 1), { at, fn }), ids),
    clearTimeout: (id: unknown) => void timers.delete(id as number),
  }
  return { clock, timers }
}

describe('a refused upgrade', () => {
  test('tells status, code and wait, and nothing more is reported', async () => {
    const body = { error: { code: 'insufficient_quota', type: 'requests' } }
    const { run, refusal, notice } = await refused(answer(429, body, { 'retry-after': '7' }))
    expect(refusal).toMatchObject({ status: 429, code: 'insufficient_quota', retryAfterMs: 7_000 })
    expect(refusal.said).toMatchObject({ serverCode: 'insufficient_quota', type: 'requests', status: 429 })
    expect(notice).toMatchObject({ status: 429, body: JSON.stringify(body), headers: { 'retry-after': '7' } })
    await networkSettled()
    expect(run.order).toEqual(['socket.refused', 'emitted upgrade.refused'])
  })

  test('retry-after-ms goes before retry-after', async () => {
    const { refusal } = await refused(answer(503, '', { 'retry-after': '7', 'retry-after-ms': '250' }))
    expect(refusal).toMatchObject({ status: 503, code: null, retryAfterMs: 250 })
  })

  test.each([
    [
      'error.type without a code',
      { error: { code: null, type: 'invalid_request_error' } },
      'invalid_request_error',
    ],
    ['a code that is no string', { error: { code: 42 } }, null],
    ['a code that is too long', { error: { code: 'x'.repeat(65) } }, null],
    ['a code that is a sentence', { error: { code: 'no way', type: 'bad' } }, 'bad'],
    ['an error that is a string', { error: 'no' }, null],
    ['no JSON', '<html>', null],
    ['JSON null', 'null', null],
  ])('%s', async (_name, body, code) => {
    expect((await refused(answer(400, body))).refusal.code).toBe(code)
  })

  test('the chart may stop the socket at once: the notice is still heard', async () => {
    const { run, notice } = await refused(answer(401, 'no'), { hangUpOn: ['socket.refused'] })
    expect(notice).toMatchObject({ status: 401, body: 'no' })
    await networkSettled()
    expect(run.facts).toHaveLength(1)
  })

  test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
    const { refusal, requests } = await refused((request, response) => {
      const location = `http://${request.headers.host}/elsewhere`
      response.writeHead(status, { location }).end()
    })
    expect(refusal.status).toBe(status)
    await networkSettled()
    expect(requests).toHaveLength(1)
  })

  test('a body is read up to 64 KiB', async () => {
    const { notice } = await refused((_request, response) => {
      response.writeHead(500)
      const chunk = Buffer.alloc(16 << 10, 'x')
      const write = () => response.writable && response.write(chunk, (error) => !error && write())
      write()
    })
    expect(notice.body).toBe('x'.repeat(64 << 10))
  })

  test('a body that is cut off does not take the status with it', async () => {
    const { refusal, notice } = await refused((_request, response) => {
      response.writeHead(429, { 'content-length': '100' })
      response.write('{"error"', () => setImmediate(() => response.socket?.destroy()))
    })
    expect(refusal).toMatchObject({ status: 429, code: null, retryAfterMs: null })
    expect(notice.body).toBe('{"error"')
  })

  test("a body that stalls is waited for on the chart's clock, one second", async () => {
    const { clock, timers } = stoppedClock()
    const { url } = await refuse((_request, response) => {
      response.writeHead(401, { 'content-length': '100' })
      response.write('{')
    })
    const run = drive({ url }, { clock })
    await expect.poll(() => timers.size).toBe(1)
    expect(run.facts).toHaveLength(0)
    const [timer] = timers.values()
    expect(timer?.at).toBe(1_000)
    timer?.fn()
    expect(run.facts).toMatchObject([{ type: 'socket.refused', refusal: { status: 401 } }])
    run.hangUp()
  })

  test('closing while the body is read reports a loss', async () => {
    const { clock, timers } = stoppedClock()
    const { url } = await refuse((_request, response) => {
      response.writeHead(500, { 'content-length': '9' }).write('x')
    })
    const run = drive({ url }, { clock })
    await expect.poll(() => timers.size).toBe(1)
    run.send({ type: 'close', code: 1000, reason: '' })
    const { loss } = await run.fact('socket.lost')
    expect(loss.phase).toBe('closing')
    expect(run.facts).toHaveLength(1)
  })

  test('what a server echoes of the key is not shown, and neither are challenges and cookies', async () => {
    const headers = { 'set-cookie': 'a=b', 'www-authenticate': 'Bearer', 'x-echo': `key ${KEY}` }
    const body = { error: { code: KEY, message: `Incorrect API key provided: ${KEY}` } }
    const { refusal, notice } = await refused(answer(401, body, headers))
    expect(refusal.code).toBeNull()
    expect(notice.headers).toMatchObject({ 'x-echo': 'key [redacted]' })
    expect(Object.keys(notice.headers)).not.toContain('set-cookie')
    expect(Object.keys(notice.headers)).not.toContain('www-authenticate')
    expect(JSON.stringify(notice)).not.toContain(KEY)
  })
})

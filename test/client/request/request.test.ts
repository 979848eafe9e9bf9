import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TurnPlanned } from '../../../machines/conversation/types.ts'
import { REQUEST_CHANNEL } from '../../../src/client/request/request-chain.ts'
import { TurnError } from '../../../src/client/conversation/turn-error.ts'
import type { RequestBody } from '../../../src/client/request/request-body.ts'
import type { RequestTurnOptions } from '../../../src/client/request/requests.ts'
import type { ServerOptions } from '../../../src/testing/index.ts'
import { rejection, startConnection, startServer } from '../harness.ts'

type Item = Record<string, unknown>

const user = (content: string): Item => ({ type: 'message', role: 'user', content })

async function running(options: ServerOptions = {}) {
  const server = await startServer({ keepFrames: true, ...options })
  const held = startConnection(server)
  const ask = async (input: readonly Item[], more: Item = {}, how: RequestTurnOptions = {}) => {
    const body = { model: 'gpt-6-astra', store: false, input, ...more } as unknown as RequestBody
    return [...input, ...((await held.connection.request(body, how).response).output as unknown as Item[])]
  }
  const sent = () =>
    server
      .transcript()
      .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
      .map(({ text }) => JSON.parse(String(text)) as Item)
  const last = () => sent().at(-1) ?? {}
  return { server, ...held, ask, sent, last }
}

describe('connection.request', () => {
  it('sends what is new after what it has answered', async () => {
    const { ask, last } = await running()
    const history = await ask([user('one')])
    expect(last()).toMatchObject({ model: 'gpt-6-astra', store: false, input: [user('one')] })
    expect(last()).not.toHaveProperty('previous_response_id')
    await ask([...history, user('two')])
    expect(last()['input']).toEqual([user('two')])
    expect(last()['previous_response_id']).toMatch(/^resp_/)
  })

  it('takes a text, and leaves out what only HTTP has', async () => {
    const { connection, sent } = await running()
    await connection.request({ model: 'm', input: 'hi', stream: true }).response
    expect(sent()).toEqual([{ type: 'response.create', model: 'm', input: [user('hi')] }])
  })

  it.each([
    ['another scope', {}, { scope: 'b' }],
    ['another model', { model: 'other' }, {}],
    ['another `store`', { store: true }, {}],
    ['matching switched off', {}, { match: 'off' as const }],
    ['a template', { prompt: { id: 'p' } }, {}],
  ])('sends everything under %s', async (_what, more, how) => {
    const { ask, last } = await running()
    const history = await ask([user('one')], {}, { scope: 'a' })
    await ask([...history, user('two')], more, { scope: 'a', ...how })
    expect(last()['input']).toHaveLength(3)
    expect(last()).not.toHaveProperty('previous_response_id')
  })

  it('goes on under settings that belong to one response', async () => {
    const { ask, last } = await running()
    const history = await ask([user('one')], { metadata: { trace: '1' }, instructions: 'a' })
    const changed = { metadata: { trace: '2' }, instructions: 'b', tool_choice: 'none', max_output_tokens: 9 }
    await ask([...history, user('two')], changed)
    expect(last()).toMatchObject({ ...changed, input: [user('two')] })
  })

  it('sends everything when a request is repeated, or its history was edited', async () => {
    const { ask, last } = await running()
    const history = await ask([user('one')])
    await ask([user('one')])
    expect(last()).toMatchObject({ input: [user('one')] })
    await ask([user('ONE'), ...history.slice(1), user('two')])
    expect(last()['input']).toHaveLength(3)
    expect(last()).not.toHaveProperty('previous_response_id')
  })

  it('forks what was stored, and from where it was stored', async () => {
    const { ask, last, sent } = await running()
    const one = await ask([user('one')], { store: true })
    const two = await ask([...one, user('two')], { store: true })
    const first = last()['previous_response_id']
    await ask([...one, user('another two')], { store: true })
    expect(last()).toMatchObject({ previous_response_id: first, input: [user('another two')] })
    await ask([...two, user('three')], { store: true })
    expect(last()['input']).toEqual([user('three')])
    expect(sent()).toHaveLength(4)
  })

  it('serves two conversations with the same beginning at once', async () => {
    const { ask, sent, server } = await running({ default: { text: 'same' } })
    const both = await Promise.all([ask([user('hi')]), ask([user('hi')])])
    await Promise.all(both.map((history, index) => ask([...history, user(`more ${index}`)])))
    await Promise.all([...both, ...both].map((history, index) => ask([...history, user(`more ${index}`)])))
    expect(server.connections()).toHaveLength(1)
    expect(
      sent()
        .slice(2, 4)
        .map(({ input }) => input),
    ).toEqual([[user('more 0')], [user('more 1')]])
    const deltas = sent().filter((one) => 'previous_response_id' in one)
    expect(new Set(deltas.map((one) => one['previous_response_id'])).size).toBe(deltas.length)
  })

  it('sends all of it again when the server has forgotten', async () => {
    const { connection, ask, sent, server } = await running()
    const history = await ask([user('one')], { store: true })
    server.forgetStored()
    await connection.close()
    await connection.connect()
    await ask([...history, user('two')], { store: true })
    expect(sent().at(-1)?.['input']).toHaveLength(3)
  })

  it('goes on from a response that the caller names, on the lane that has it', async () => {
    const { connection, ask, last } = await running()
    await ask([user('one')])
    const { id } = await connection.request({ model: 'm', store: false, input: 'two' }).response
    await ask([user('three')], { previous_response_id: id })
    expect(last()).toMatchObject({ previous_response_id: id, input: [user('three')] })
    expect(last()).not.toHaveProperty('stream_id', undefined)
  })

  it('never sends a turn without the context that it names', async () => {
    const { connection, sent } = await running()
    const body = { model: 'm', input: 'go on', previous_response_id: 'resp_unknown' }
    const error = await rejection(connection.request(body).response)
    expect(error).toBeInstanceOf(TurnError)
    expect(error).toMatchObject({ outcome: 'refused', serverCode: 'previous_response_not_found' })
    expect(sent()).toHaveLength(1)
  })

  it('names again what it goes on from when the connection was lost, and nothing else', async () => {
    const { connection, ask, sent } = await running()
    const { id } = await connection.request({ model: 'm', store: false, input: 'one' }).response
    await connection.close()
    await connection.connect()
    await rejection(ask([user('two')], { previous_response_id: id }))
    expect(sent().slice(1)).toMatchObject([{ previous_response_id: id, input: [user('two')] }])
  })

  it('resends by its own policy: `repair` waits for nothing', async () => {
    const refusal = { error: { status: 429, code: 'rate_limit_exceeded', message: 'slow' } }
    const { ask, sent } = await running({ turns: [refusal] })
    const error = await rejection(ask([user('one')], {}, { resend: 'repair' }))
    expect(error).toMatchObject({ outcome: 'refused', serverCode: 'rate_limit_exceeded' })
    expect(sent()).toHaveLength(1)
  })

  it('says what matched, or why nothing did', async () => {
    const { ask } = await running()
    const plans: TurnPlanned[] = []
    const hear = (planned: unknown) => plans.push(planned as TurnPlanned)
    subscribe(REQUEST_CHANNEL, hear)
    onTestFinished(() => void unsubscribe(REQUEST_CHANNEL, hear))
    const history = await ask([user('one')])
    await ask([...history, user('two')])
    expect(plans).toMatchObject([
      { origin: { kind: 'none', reason: 'no-match' }, plan: { kind: 'full', reason: 'no-chain' } },
      { origin: { kind: 'prefix', items: 2 }, plan: { kind: 'delta', from: 2 } },
    ])
  })

  it('keeps no more chains than it may, and none of those in use goes', async () => {
    const { connection, ask, last } = await running()
    const histories = []
    for (const name of ['a', 'b', 'c']) histories.push(await ask([user(name)], {}, { chains: 2 }))
    await ask([...histories[2]!, user('more')], {}, { chains: 2 })
    expect(last()['input']).toHaveLength(1)
    await ask([...histories[0]!, user('more')], {}, { chains: 2 })
    expect(last()['input']).toHaveLength(3)
    const open = Object.keys(connection.line.getSnapshot().children).filter((id) => id.startsWith('conv'))
    expect(open).toHaveLength(2)
  })

  it.each([
    ['body', null],
    ['body.stream_id', { model: 'm', stream_id: 'x' }],
    ['body.generate', { model: 'm', generate: false }],
    ['body.type', { model: 'm', type: 'response.steer' }],
    ['body.background', { model: 'm', background: true }],
    ['body.input', { model: 'm', input: [{ role: 'user', content: cycle() }] }],
    ['body.input', { model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 1n }] }] }],
  ])('refuses %s', async (path, body) => {
    const { connection, server } = await running()
    expect(() => connection.request(body as never)).toThrow(
      expect.objectContaining({ code: 'ERR_BAD_OPTION', path }),
    )
    expect(server.connections()).toHaveLength(0)
  })

  it('cancels by its signal, and the next request is clean', async () => {
    const { connection, ask } = await running({ turns: [{ text: 'never', delayMs: 60_000 }] })
    const abort = new AbortController()
    const turn = connection.request({ model: 'm', input: 'one' }, { signal: abort.signal })
    for await (const event of turn) if (event.type === 'response.created') break
    abort.abort(new Error('enough'))
    expect(await rejection(turn.response)).toMatchObject({ outcome: 'cancelled' })
    expect(() => connection.request({ model: 'm' }, { signal: abort.signal })).toThrow('enough')
    expect(await ask([user('two')])).toHaveLength(2)
  })
})

function cycle(): unknown {
  const one: Record<string, unknown> = {}
  one['one'] = one
  return [one]
}

import { onTestFinished } from 'vitest'
import { describe, expect, it } from 'vitest'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { type ProviderProfile, xai } from '../../../src/protocol/index.ts'
import { type RawPeer, rawServer } from '../../support/raw-server.ts'

const textOf = (create: Record<string, unknown>) =>
  (create['input'] as { content: string }[]).at(-1)?.content ?? ''

/** Answers a create as a whole, with its own text. */
function answer(peer: RawPeer, id: string, text: string, more: object = {}): void {
  const content = [{ type: 'output_text', text, annotations: [] }]
  const item = { id: `msg_${id}`, type: 'message', role: 'assistant', status: 'completed', content }
  peer.say({ type: 'response.created', response: { id, status: 'in_progress', output: [] }, ...more })
  peer.say({ type: 'response.output_item.done', output_index: 0, item, ...more })
  peer.say({ type: 'response.completed', response: { id, status: 'completed', output: [item] }, ...more })
}

function connect(url: string, provider?: ProviderProfile): ResponsesConnection {
  const connection = new ResponsesConnection({ url, apiKey: 'k', ...(provider && { provider }) })
  onTestFinished(() => void connection.stop())
  return connection
}

const outputOf = async (turn: { response: Promise<{ output_text?: unknown }> }) =>
  (await turn.response).output_text

describe('an endpoint that is not the provider itself', () => {
  it.each(['in order', 'all at once'])(
    'and ignores lanes, answering %s, gives each its own answer',
    async (how) => {
      let last = Promise.resolve()
      const server = await rawServer((create, peer, number) => {
        const reply = () => answer(peer, `resp_${number}`, textOf(create))
        if (how === 'all at once') setTimeout(reply, number === 1 ? 40 : 5)
        else last = last.then(() => new Promise((done) => setTimeout(done, 10))).then(reply)
      })
      const connection = connect(server.url)
      const talks = ['a', 'b', 'c'].map((name) => ({ name, talk: connection.conversation({ model: 'm' }) }))
      for (const round of [1, 2, 3]) {
        const turns = talks.map(({ name, talk }) => ({
          asked: `${name}${round}`,
          turn: talk.respond(`${name}${round}`),
        }))
        for (const { asked, turn } of turns) expect(await outputOf(turn)).toBe(asked)
      }
      expect(server.creates.filter((create) => create['stream_id'] !== undefined)).toHaveLength(1)
      // What was learnt holds for the endpoint.
      const other = connect(server.url)
      await Promise.all(['x', 'y'].map((text) => other.conversation({ model: 'm' }).respond(text).response))
      expect(server.creates.filter((create) => create['stream_id'] !== undefined)).toHaveLength(1)
    },
  )

  it.each([
    ['by its parameter', { code: 'unsupported_parameter', param: 'stream_id', message: 'no' }],
    ['by a text only', { detail: 'Unsupported parameter: stream_id' }],
  ])('and refuses lanes %s gets every turn without them', async (_how, error) => {
    const server = await rawServer((create, peer, number) => {
      if (create['stream_id'] === undefined) answer(peer, `resp_${number}`, textOf(create))
      else peer.say({ type: 'error', status: 400, error })
    })
    const connection = connect(server.url)
    const turns = ['a', 'b'].map((text) => connection.conversation({ model: 'm' }).respond(text))
    expect(await Promise.all(turns.map((turn) => outputOf(turn)))).toEqual(['a', 'b'])
    expect(server.creates.map((create) => create['stream_id'] ?? null)).toEqual([null, 'lane-1', null])
  })

  it('that labels its events gets several turns at once from then on', async () => {
    const waiting: (() => void)[] = []
    const server = await rawServer((create, peer, number) => {
      const lane = create['stream_id']
      const reply = () =>
        answer(peer, `resp_${number}`, textOf(create), lane === undefined ? {} : { stream_id: lane })
      if (number <= 2) reply()
      else waiting.push(reply)
      if (waiting.length === 3) for (const one of waiting) one()
    })
    const connection = connect(server.url)
    const talks = [1, 2, 3].map(() => connection.conversation({ model: 'm' }))
    for (const talk of talks.slice(0, 2)) await talk.respond('first').response
    // Each is answered only when all of them were asked.
    const turns = talks.map((talk, index) => talk.respond(`again ${index}`))
    expect(await Promise.all(turns.map((turn) => outputOf(turn)))).toEqual(['again 0', 'again 1', 'again 2'])
  })
})

it('an endpoint that gives every response the same id completes turn after turn', async () => {
  const server = await rawServer((create, peer) => answer(peer, 'resp_of_the_connection', textOf(create)))
  const talk = connect(server.url, xai).conversation({ model: 'm' })
  for (const text of ['a', 'b', 'c']) expect(await outputOf(talk.respond(text))).toBe(text)
})

describe('a turn that was given up', () => {
  it.each([['error and then its failure'], ['its failure alone'], ['the rest of it, late']])(
    'and ends with %s leaves the next one clean',
    async (how) => {
      const server = await rawServer((create, peer, number) => {
        const id = `resp_${number}`
        if (number > 1) return answer(peer, id, textOf(create))
        peer.say({ type: 'response.created', response: { id, status: 'in_progress', output: [] } })
        const failed = { id, status: 'failed', output: [], error: { code: 'server_error' } }
        setTimeout(() => {
          if (how.startsWith('error'))
            peer.say({ type: 'error', status: 500, error: { code: 'server_error' } })
          if (how.startsWith('the rest')) return answer(peer, id, 'too late')
          setTimeout(() => peer.say({ type: 'response.failed', response: failed }), 5)
        }, 10)
      })
      const connection = connect(server.url, xai)
      const [a, b, c] = [1, 2, 3].map(() => connection.conversation({ model: 'm' }))
      const given = a!.respond('a')
      for await (const event of given) if (event.type === 'response.created') break
      given.cancel()
      const turns = [b!.respond('b'), c!.respond('c')]
      expect(await Promise.all(turns.map((turn) => outputOf(turn)))).toEqual(['b', 'c'])
    },
  )
})

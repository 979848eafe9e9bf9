import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { defineTool } from '../../../src/client/tools/index.ts'
import { rest, talk } from './harness.ts'

const refused = (path: string) => expect.objectContaining({ code: 'ERR_BAD_OPTION', path })

/** A conversation that has no server: a bad option is found before anything is dialed. */
function open(options: object = {}) {
  const connection = new ResponsesConnection({ url: 'wss://nowhere.invalid/v1/responses', apiKey: 'k' })
  return connection.conversation({ model: 'm', ...options })
}

const cycle: Record<string, unknown> = {}
cycle['self'] = cycle
const ping = defineTool({ name: 'ping', description: 'd', schema: z.object({}), execute: () => 'pong' })

describe('an option of a conversation', () => {
  it.each([
    ['temprature', { temprature: 1 }],
    ['stream_id', { stream_id: 'a' }],
    ['generate', { generate: false }],
    ['previous_response_id', { previous_response_id: 'resp_9' }],
    ['model', { model: '' }],
    ['lane', { lane: 'no lane' }],
    ['tools.0', { tools: ['web_search'] }],
    ['tools.0', { tools: [{ name: 'f', parameters: {} }] }],
    ['tools.0', { tools: [{ type: 'function', name: 'f', execute: () => 1 }] }],
    ['tools.0.name', { tools: [{ type: 'function' }] }],
    ['tools.1.name', { tools: [ping, { type: 'function', name: 'ping' }] }],
    ['tools', { tools: [{ type: 'web_search', filters: cycle }] }],
    ['hostedTools', { hostedTools: [{ type: 'web_search' }] }],
    ['options', { metadata: cycle }],
  ])('is refused by its path: %s', (path, options) => {
    expect(() => open(options)).toThrow(refused(path))
  })

  it.each([
    'stream_id',
    'generate',
    'previous_response_id',
    'input',
    'type',
    'stream',
    'background',
    'conversation',
    'model',
    'store',
    'tools',
    'instructions',
    'temperature',
  ])('does not come by extraSettings: %s', (name) => {
    expect(() => open({ extraSettings: { [name]: 'x' } })).toThrow(refused(`extraSettings.${name}`))
  })

  it('that is new goes with every create, by extraSettings', async () => {
    const { ask, creates } = await talk({ conversation: { extraSettings: { brand_new: { a: 1 } } } })
    await ask('go')
    expect(creates()).toMatchObject([{ brand_new: { a: 1 } }])
  })
})

describe('an option of a turn', () => {
  it.each([
    ['timeoutMs', { timeoutMs: 5 }],
    ['signal', { signal: 'now' }],
    ['settings', { settings: 5 }],
    ['settings.temprature', { settings: { temprature: 1 } }],
    ['settings.stream_id', { settings: { stream_id: 'a' } }],
    ['settings.tools', { settings: { tools: [] } }],
    ['settings.model', { settings: { model: 5 } }],
    ['settings', { settings: { metadata: cycle } }],
  ])('is refused by its path, and nothing is sent: %s', (path, options) => {
    const conversation = open()
    expect(() => conversation.respond('go', options as never)).toThrow(refused(path))
    expect(conversation.turn).toBeNull()
    expect(conversation.history).toEqual([])
  })

  it.each([
    ['onText', { onText: () => {} }],
    ['maxRounds', { maxRounds: 0 }],
    ['signal', { signal: 5 }],
  ])('is refused by run as well: %s', async (path, options) => {
    await expect(async () => open().run('go', options as never)).rejects.toThrow(refused(path))
  })

  it('is refused wherever else options are taken', async () => {
    const conversation = open()
    await expect(conversation.warmUp({ timeout: 5 } as never)).rejects.toThrow(refused('timeout'))
    await expect(conversation.compact({ model: 'm' } as never)).rejects.toThrow(refused('model'))
    expect(() => conversation.fork({ lane: 'no lane' })).toThrow(refused('lane'))
    expect(() => conversation.fork({ lanes: 'a' } as never)).toThrow(refused('lanes'))
  })
})

describe('the list of tools', () => {
  const own = {
    type: 'function',
    name: 'ask_human',
    description: 'Asks.',
    parameters: { type: 'object' },
    strict: false,
  } as const

  it('takes all kinds, and sends them in its order', async () => {
    const tools = [{ type: 'web_search' }, ping, own] as const
    const { ask, creates } = await talk({ conversation: { tools } })
    await ask('go')
    expect(creates()).toMatchObject([
      { tools: [{ type: 'web_search' }, { name: 'ping', strict: true }, own] },
    ])
  })

  it('leaves the call of a function without execute to the application', async () => {
    const { conversation, server, clock } = await talk({
      server: { turns: [{ calls: [{ name: 'ask_human', arguments: {} }] }, { text: 'thanks' }] },
      conversation: { tools: [ping, own] },
    })
    const running = conversation.run('may I?')
    await rest()
    await clock.advance(1)
    const result = await running
    expect(result.turns).toBe(1)
    expect(result.response?.output).toMatchObject([{ name: 'ask_human' }])
    expect(server.creates()).toBe(1)
  })
})

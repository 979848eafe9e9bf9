import { describe, expect, it } from 'vitest'
import type { ConnectionOptions } from '../../../src/client/options.ts'
import { openai } from '../../../src/protocol/index.ts'
import type { ServerOptions } from '../../../src/testing/index.ts'
import { rejection, startConnection, startServer, until } from '../harness.ts'
import { untilEvent } from '../../support/until-event.ts'

async function talk(server: ServerOptions, options: ConnectionOptions = {}) {
  const running = await startServer({ keepFrames: true, ...server })
  const held = startConnection(running, { httpFallback: true, ...options })
  const said: string[] = []
  held.connection.line.on('line.transport', ({ transport }) => said.push(transport))
  held.connection.line.on('line.trial', () => said.push('trial'))
  return { server: running, said, ...held, conversation: held.connection.conversation({ model: 'm' }) }
}

const overHttp = (server: Awaited<ReturnType<typeof startServer>>) =>
  server.requests().filter(({ transport }) => transport === 'http')

describe('a warm-up', () => {
  it('does not go over HTTP, where it would generate', async () => {
    const { conversation, server } = await talk({ upgrades: [{ status: 426, times: 99 }] })
    await conversation.respond('first').response
    expect(await rejection(conversation.warmUp())).toMatchObject({
      outcome: 'unsent',
      progress: 'queued',
      cause: { code: 'ERR_TRANSPORT_UNAVAILABLE' },
    })
    expect(server.requests()).toHaveLength(1)
    expect((await conversation.respond('second').response).status).toBe('completed')
  })

  it('is not sent to an endpoint that has none', async () => {
    const { conversation, server } = await talk({}, { provider: { ...openai, warmUp: false } })
    expect(await rejection(conversation.warmUp())).toMatchObject({ code: 'ERR_BAD_EVENT' })
    expect(server.requests()).toHaveLength(0)
  })
})

describe('a conversation moves to HTTP', () => {
  // First in its file, because the module is loaded once.
  it('in the turns of the event loop that a simulated clock leaves it, also for the first time', async () => {
    const { conversation, server, clock } = await talk({ upgrades: [{ status: 426, times: 99 }] })
    const turn = conversation.respond('first')
    await clock.advance(1)
    await clock.advance(1)
    expect(overHttp(server)).toHaveLength(1)
    expect((await turn.response).status).toBe('completed')
  })

  it.each([426, 404, 405, 501])('at once after a %i, and stays there', async (status) => {
    const { conversation, server, said } = await talk({ upgrades: [{ status, times: 99 }] })
    expect((await conversation.respond('first').response).status).toBe('completed')
    expect((await conversation.respond('second').response).status).toBe('completed')
    expect(said).toEqual(['http'])
    expect(server.upgrades()).toHaveLength(1)
    expect(overHttp(server)).toHaveLength(2)
    expect(conversation.history).toHaveLength(4)
  })

  it('after a 1008 before the first frame; the turn that had left is lost, or sent again by its policy', async () => {
    const refused = { upgrades: [{ faults: [{ do: 'close' as const, code: 1008 }] }] }
    const { conversation, connection, server } = await talk(refused)
    expect(await rejection(conversation.respond('first').response)).toMatchObject({
      outcome: 'lost',
      progress: 'sent',
    })
    expect((await conversation.respond('first').response).status).toBe('completed')
    expect(overHttp(server)).toHaveLength(1)

    server.enqueueUpgrades(...refused.upgrades)
    const again = startConnection(server, { httpFallback: true }).connection
    const eager = again.conversation({ model: 'm', replay: 'unanswered' })
    expect((await eager.respond('second').response).status).toBe('completed')
    expect(connection.line.getSnapshot().matches('degraded')).toBe(true)
  })

  it('after two failed attempts, not one', async () => {
    const { conversation, server, clock, next } = await talk({ upgrades: [{ status: 503, times: 99 }] })
    const turn = conversation.respond('first')
    await next('connection.lost')
    expect(overHttp(server)).toHaveLength(0)
    await clock.advance(1_000)
    expect((await turn.response).status).toBe('completed')
    expect(server.upgrades()).toHaveLength(2)
    expect(overHttp(server)).toHaveLength(1)
  })

  it('and back, after the cool-down and a trial that succeeds', async () => {
    const { conversation, server, clock, said, connection } = await talk({ upgrades: [{ status: 426 }] })
    await conversation.respond('first').response
    await clock.advance(300_000)
    // A trial is the next attempt of the same series.
    await clock.advance(1_000)
    await until(() => connection.isOpen)
    expect(said).toEqual(['http', 'trial', 'websocket'])
    await conversation.respond('second').response
    expect(overHttp(server)).toHaveLength(1)
    expect(server.creates()).toBe(2)
  })

  it('and stays after a trial that fails', async () => {
    const { conversation, clock, said, server } = await talk({ upgrades: [{ status: 426, times: 2 }] })
    await conversation.respond('first').response
    await clock.advance(301_000)
    await server.waitForUpgrade(2)
    await conversation.respond('second').response
    expect(said).toEqual(['http', 'trial'])
    expect(overHttp(server)).toHaveLength(2)
  })
})

describe('it never does', () => {
  it.each([
    ['a refused key', { status: 401 }, 'ERR_UNAUTHORIZED'],
    ['a spent quota', { status: 429, body: { error: { code: 'insufficient_quota' } } }, 'ERR_QUOTA'],
    ['a request that is wrong', { status: 400 }, 'ERR_UPGRADE_REFUSED'],
  ])('for %s', async (_, answer, code) => {
    const { conversation, server, said } = await talk({ upgrades: [{ ...answer, times: 9 }] })
    const error = await rejection(conversation.respond('first').response)
    expect(error).toMatchObject({
      outcome: 'unsent',
      progress: 'queued',
      message: expect.stringContaining(code),
    })
    expect(said).toEqual([])
    expect(overHttp(server)).toEqual([])
  })

  it('after 403 more than once: a POST says whether that was a policy', async () => {
    const { conversation, server } = await talk({
      upgrades: [{ status: 403, times: 9 }],
      turns: [{ error: { status: 403, code: 'unsupported_country_region_territory' } }],
    })
    const error = await rejection(conversation.respond('first').response)
    expect(error).toMatchObject({
      outcome: 'refused',
      status: 403,
      serverCode: 'unsupported_country_region_territory',
    })
    expect(server.requests()).toHaveLength(1)
  })

  it('when it was not asked for', async () => {
    const { conversation, server } = await talk({ upgrades: [{ status: 426 }] }, { httpFallback: false })
    await rejection(conversation.respond('first').response)
    expect(overHttp(server)).toEqual([])
  })
})

describe('over HTTP', () => {
  const refused = { upgrades: [{ status: 426, times: 99 }] }

  it('a refusal is told as over a socket', async () => {
    const { conversation } = await talk({
      ...refused,
      turns: [{ error: { status: 400, code: 'invalid_prompt' } }],
    })
    expect(await rejection(conversation.respond('x').response)).toMatchObject({
      outcome: 'refused',
      serverCode: 'invalid_prompt',
      resendIsSafe: false,
    })
  })

  it('a cut stream is a lost turn, and nothing is sent again', async () => {
    const { conversation, server } = await talk({
      ...refused,
      turns: [
        {
          text: ['a', 'b'],
          faults: [
            { at: 'delta', nth: 1, do: 'delay', ms: 20 },
            { at: 'delta', nth: 1, do: 'terminate' },
          ],
        },
      ],
    })
    expect(await rejection(conversation.respond('x').response)).toMatchObject({
      outcome: 'lost',
      progress: 'streaming',
      resendIsSafe: false,
    })
    expect(server.creates()).toBe(1)
  })

  it('a cancelled turn ends its exchange', async () => {
    const { conversation, server } = await talk({
      ...refused,
      turns: [{ text: ['a', 'b'], faults: [{ at: 'delta', nth: 1, do: 'silence' }] }],
    })
    const turn = conversation.respond('x')
    await untilEvent(turn, 'response.output_text.delta')
    turn.cancel()
    expect(await rejection(turn.response)).toMatchObject({ outcome: 'cancelled' })
    expect((await conversation.respond('next').response).status).toBe('completed')
    expect(overHttp(server)).toHaveLength(2)
  })

  it('connect says that there is no WebSocket', async () => {
    const { conversation, connection, clock } = await talk(refused)
    await conversation.respond('x').response
    const connected = rejection(connection.connect())
    await clock.advance(1_000)
    expect((await connected).code).toBe('ERR_TRANSPORT_UNAVAILABLE')
  })
})

import type { InspectionEvent } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import type { ConnectionOptions } from '../../src/client/options.ts'
import type { ConversationOptions } from '../../src/client/conversation/options.ts'
import type { ServerOptions } from '../../src/testing/index.ts'
import { outcomeOf, rest, talk } from './conversation/harness.ts'

/** A conversation, and every message between its actors as `from -> to: type`. */
async function overheard(
  server: ServerOptions = {},
  conversation: Partial<ConversationOptions> = {},
  connection: ConnectionOptions = {},
) {
  const messages: string[] = []
  const inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.event') return
    messages.push(`${name(event.sourceRef)} -> ${name(event.actorRef)}: ${event.event.type}`)
  }
  const session = await talk({ server, conversation, connection: { inspect, ...connection } })
  await session.connection.connect()
  messages.length = 0
  return { ...session, messages }
}

/** The root of the system has a generated id. */
function name(actor: object | undefined): string {
  if (actor === undefined || !('id' in actor)) return 'class'
  const id = String(actor.id)
  return id.startsWith('x:') ? 'line' : id
}

describe('a lost connection', () => {
  const LOST: ServerOptions = {
    turns: [{ text: 'a', faults: [{ at: 'request', do: 'terminate' }] }, { text: 'b' }],
  }

  it('is news by one road: its turn hears of it from the line, which knows', async () => {
    const { conversation, clock, messages } = await overheard(LOST, { replay: 'unanswered' })
    const turn = conversation.respond('hi')
    await rest()
    const waits = messages.slice(messages.findIndex((message) => message.endsWith('socket.lost')))
    expect(waits).toEqual([
      'socket -> connection-1: socket.lost',
      'connection-1 -> line: connection.lost',
      'line -> conversation-1: lane.lost',
      'conversation-1 -> turn: turn.cut',
      'turn -> conversation-1: turn.requeued',
      'turn -> conversation-1: turn.ready',
      'conversation-1 -> line: lane.request',
    ])
    messages.length = 0
    expect((await outcomeOf(turn, clock)).text).toBe('b')
    const again = messages.slice(0, messages.findIndex((message) => message.endsWith('turn.dispatched')) + 1)
    expect(again.filter((message) => !/init|retryFloor/.test(message))).toEqual([
      'connection-1 -> connection-1: xstate.after.backoff.connection.reconnecting.waiting',
      'socket -> connection-1: socket.opened',
      'connection-1 -> line: connection.opened',
      'line -> conversation-1: lane.granted',
      'class -> turn: turn.dispatched',
    ])
  })

  it('ends its turn in five messages', async () => {
    const { conversation, connection, clock, messages } = await overheard(LOST, { replay: 'never' })
    const { error } = await outcomeOf(conversation.respond('hi'), clock)
    expect(error?.progress).toBe('sent')
    expect(conversation.actor.getSnapshot().context.lastResult?.closeInfo).toEqual(connection.lastCloseInfo)
    const from = messages.findIndex((message) => message.endsWith('socket.lost'))
    expect(messages.slice(from, from + 5)).toEqual([
      'socket -> connection-1: socket.lost',
      'connection-1 -> line: connection.lost',
      'line -> conversation-1: lane.lost',
      'conversation-1 -> turn: turn.cut',
      'turn -> conversation-1: xstate.done.actor.turn',
    ])
  })

  it('is told after all that its socket had received', async () => {
    const told: string[] = []
    const { conversation, connection, clock } = await overheard({
      turns: [{ text: 'all of it', faults: [{ at: 'after-terminal', do: 'close', code: 1011 }] }],
    })
    connection.on('response.completed', ({ type }) => told.push(type))
    connection.on('connection.lost', ({ type }) => told.push(type))
    conversation.on('turn.settled', ({ result }) => told.push(result.outcome))
    expect((await outcomeOf(conversation.respond('hi'), clock)).text).toBe('all of it')
    await rest()
    expect(told).toEqual(['response.completed', 'completed', 'connection.lost'])
  })
})

describe('an idle connection', () => {
  it('does not wake its line once in ten minutes', async () => {
    const { clock, messages } = await overheard({}, {}, { pingIntervalMs: 20_000 })
    await clock.advance(600_000)
    expect(messages.filter((message) => message.endsWith('socket.heard')).length).toBeGreaterThan(20)
    expect(messages.filter((message) => message.includes('-> line'))).toEqual([])
  })
})

describe('a turn that has not left', () => {
  it('waits for the next connection, whatever code the server has closed the last one with', async () => {
    const { conversation, connection, clock, server } = await overheard({
      turns: [{ text: 'a' }, { text: 'b' }],
    })
    expect((await outcomeOf(conversation.respond('one'), clock)).text).toBe('a')
    server.connections()[0]?.strike({ do: 'close', code: 1000 })
    // It is asked for before anybody has read the close frame, after a sleep.
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 60_000)
    const turn = conversation.respond('two')
    vi.restoreAllMocks()
    expect((await outcomeOf(turn, clock)).text).toBe('b')
    expect(connection.actor.getSnapshot().context.connectionId).toBe(2)
    expect(server.creates()).toBe(2)
  })
})

describe('a response that nobody asked for', () => {
  it('proves no health, and is nothing to go on from', async () => {
    const { connection, server } = await overheard()
    server.connections()[0]?.send({ type: 'response.completed', response: { id: 'ghost', output: [] } })
    await rest()
    expect(connection.actor.getSnapshot().matches({ open: { health: 'probation' } })).toBe(true)
    expect(connection.previousResponseId).toBeNull()
  })
})

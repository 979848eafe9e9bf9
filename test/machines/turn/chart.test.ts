import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TurnEvent } from '../../../machines/turn/types.ts'
import { created, cut, dispatched, ended, errored, output, turnUnderTest } from './harness.ts'

describe('a turn', () => {
  it('goes queued → sent → started → streaming → completed', () => {
    const turn = turnUnderTest()
    const names = [turn.name]
    for (const event of [dispatched, created, output, ended('completed')]) {
      turn.send(event)
      names.push(turn.name)
    }
    expect(names).toEqual(['queued', 'sent', 'started', 'streaming', 'completed'])
    expect(turn.result).toMatchObject({ outcome: 'completed', progress: 'streaming', responseId: 'resp_1' })
    expect(turn.clock.pending()).toEqual([])
  })

  it('may end with its first event, as a warm-up does', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, ended('completed'))
    expect(turn.result).toMatchObject({ outcome: 'completed', progress: 'sent', responseId: 'resp_1' })
  })

  it.each([
    ['incomplete', ended('incomplete', { code: 'max_output_tokens' }), 'max_output_tokens'],
    ['failed', ended('failed', { code: 'server_error' }), 'server_error'],
    ['failed', errored('server_error', 500), 'server_error'],
  ] as const)('settles as %s after output', (outcome, event, code) => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, output, event)
    expect(turn.result).toMatchObject({ outcome, code, progress: 'streaming', resendIsSafe: false })
  })

  it('settles once: what comes later changes nothing', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, errored('server_error', 500), ended('failed'), ended('completed'))
    expect(turn.result).toMatchObject({ outcome: 'failed' })
  })
})

describe('a lost connection', () => {
  it.each([
    ['sent', [dispatched]],
    ['started', [dispatched, created]],
    ['streaming', [dispatched, created, output]],
  ] as const)('after it was %s says so', (progress, events) => {
    const turn = turnUnderTest()
    turn.send(...events, cut)
    expect(turn.result).toMatchObject({
      outcome: 'lost',
      fault: 'connection',
      progress,
      resendIsSafe: false,
      leavesTail: false,
    })
  })

  it('while queued changes nothing', () => {
    const turn = turnUnderTest()
    turn.send(cut)
    expect(turn.name).toBe('queued')
  })

  it('before any answer is survived under "unanswered", once', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, cut)
    expect(turn.name).toBe('queued')
    turn.send(dispatched, cut)
    expect(turn.result).toMatchObject({ outcome: 'lost', resends: { unanswered: 1 } })
    expect(turn.ready).toEqual([null, 'unanswered'])
  })

  it('after any answer, a keepalive even, is not', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, { type: 'turn.heard' }, cut)
    expect(turn.result).toMatchObject({ outcome: 'lost', progress: 'sent' })
  })
})

describe('a refusal', () => {
  it.each([
    ['previous_response_not_found', 400, 'replay'],
    ['websocket_connection_limit_reached', 400, 'fresh-connection'],
    ['websocket_stream_limit_reached', 400, 'another-lane'],
    ['invalid_api_key', 401, 'renew'],
  ] as const)('%s is answered by one resend: %s %s', (code, status, reason) => {
    const turn = turnUnderTest()
    turn.send(dispatched, errored(code, status))
    expect(turn.ready).toEqual([null, reason])
    turn.send(dispatched, errored(code, status))
    expect(turn.result).toMatchObject({
      outcome: 'refused',
      code,
      resendIsSafe: true,
      resends: { [reason]: 1 },
    })
  })

  it.each(['previous_response_not_found', 'rate_limit_exceeded'])('%s is final under "never"', (code) => {
    const turn = turnUnderTest('never')
    turn.send(dispatched, errored(code))
    expect(turn.result).toMatchObject({ outcome: 'refused', resendIsSafe: true, resends: {} })
  })

  it('by a rate limit is waited for, as long as the server asks', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched, errored('rate_limit_exceeded', 429, 7_000))
    expect(turn.ready).toEqual([null])
    await turn.clock.advance(6_999)
    expect(turn.ready).toEqual([null])
    await turn.clock.advance(1)
    expect(turn.ready).toEqual([null, 'wait'])
  })

  it('that asks for more than a minute is surfaced', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, errored('rate_limit_exceeded', 429, 60_001))
    expect(turn.result).toMatchObject({ outcome: 'refused', resendIsSafe: true })
  })

  it('by an overloaded server backs off, and gives up', async () => {
    const turn = turnUnderTest()
    for (const wait of [1_000, 4_000]) {
      turn.send(dispatched, errored('server_is_overloaded', 503))
      await turn.clock.advance(wait)
    }
    turn.send(dispatched, errored('server_is_overloaded', 503))
    expect(turn.result).toMatchObject({ outcome: 'refused', resends: { 'back-off': 2 } })
  })

  it('after the response had begun is a failure, and nothing is sent again', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, created, errored('previous_response_not_found'))
    expect(turn.result).toMatchObject({ outcome: 'failed', resendIsSafe: false })
    expect(turn.ready).toEqual([null])
  })
})

/** What has come while the loop was blocked is read before a clock decides. */
const GRACE_MS = 100

describe('the limits of a turn', () => {
  it('the first event is waited for 90 s, from the last keepalive on', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched)
    await turn.clock.advance(89_999)
    turn.send({ type: 'turn.heard' })
    await turn.clock.advance(89_999)
    expect(turn.name).toBe('sent')
    await turn.clock.advance(1 + GRACE_MS)
    expect(turn.result).toMatchObject({
      outcome: 'lost',
      fault: 'silence',
      progress: 'sent',
      leavesTail: true,
    })
  })

  it('between events it is 15 minutes, a tenth more at the most', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, output)
    await turn.clock.advance(800_000)
    turn.send({ type: 'turn.heard' })
    await turn.clock.advance(900_000)
    expect(turn.name).toBe('streaming')
    await turn.clock.advance(90_000 + GRACE_MS)
    expect(turn.result).toMatchObject({ outcome: 'lost', fault: 'silence', progress: 'streaming' })
  })

  it('the event that names a response late counts as one', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched, output)
    await turn.clock.advance(899_999)
    turn.send(created)
    await turn.clock.advance(989_999)
    expect(turn.name).toBe('streaming')
    await turn.clock.advance(1 + GRACE_MS)
    expect(turn.result).toMatchObject({ outcome: 'lost', fault: 'silence' })
  })

  it('each successor of a steered response has 30 s to come', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, ended('incomplete', { code: 'steered' }))
    await turn.clock.advance(29_999)
    turn.send(ended('incomplete', { code: 'steered', responseId: 'resp_2' }))
    await turn.clock.advance(29_999)
    expect(turn.name).toBe('interrupted')
    await turn.clock.advance(1 + GRACE_MS)
    expect(turn.result).toMatchObject({ outcome: 'incomplete', responseId: 'resp_2' })
  })

  it.each([
    ['the first event', [dispatched], 90_000, created, 'started'],
    ['the next event', [dispatched, created, output], 990_000, { type: 'turn.heard' }, 'streaming'],
    [
      'a successor',
      [dispatched, created, ended('incomplete', { code: 'steered' })],
      30_000,
      created,
      'started',
    ],
  ] as const)(
    'a loop that was blocked when the time for %s was over reads once more',
    async (_name, before, limit, event, state) => {
      const turn = turnUnderTest()
      turn.send(...before)
      await turn.clock.advance(limit)
      // Timers run first; what had come is read after them.
      turn.send(event)
      await turn.clock.advance(GRACE_MS)
      expect(turn.name).toBe(state)
    },
  )

  it('can be switched off', async () => {
    const turn = turnUnderTest('safe', { firstEventMs: null, interEventMs: null })
    turn.send(dispatched)
    await turn.clock.advance(2 ** 31)
    turn.send(created)
    await turn.clock.advance(2 ** 31)
    expect(turn.name).toBe('started')
    // Nobody waits for the next event, so none has to be reported.
    const asked = turn.told.length
    turn.send({ type: 'turn.heard' }, { type: 'turn.heard' })
    await turn.clock.advance(1)
    expect(turn.told).toHaveLength(asked)
    expect(turn.clock.pending()).toEqual([])
  })
})

describe('cancel', () => {
  it.each([
    ['queued', [], true, false],
    ['sent', [dispatched], false, true],
    ['started', [dispatched, created], false, true],
    ['streaming', [dispatched, created, output], false, true],
  ] as const)('while %s', (progress, events, resendIsSafe, leavesTail) => {
    const turn = turnUnderTest()
    turn.send(...events, { type: 'cancel' })
    expect(turn.result).toMatchObject({ outcome: 'cancelled', progress, resendIsSafe, leavesTail })
  })
})

describe('an event that cannot be sent', () => {
  it('settles the turn as unsent, and nothing of it ran', () => {
    const turn = turnUnderTest()
    turn.send({ type: 'turn.undeliverable', code: 'ERR_FRAME_TOO_LARGE' })
    expect(turn.result).toMatchObject({
      outcome: 'unsent',
      fault: null,
      error: 'ERR_FRAME_TOO_LARGE',
      resendIsSafe: true,
    })
  })

  it('again, after a sending that nobody answered, is lost: that one may have run', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, cut, { type: 'turn.undeliverable', code: 'ERR_CLOSED' })
    expect(turn.result).toMatchObject({
      outcome: 'lost',
      fault: 'connection',
      error: 'ERR_CLOSED',
      resendIsSafe: false,
    })
  })
})

describe('a steered response', () => {
  it('goes on under its successor, as the same turn', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, { type: 'turn.steerAccepted' })
    turn.send(ended('incomplete', { code: 'steered' }))
    expect(turn.name).toBe('interrupted')
    turn.send({ type: 'turn.created', responseId: 'resp_2' }, output)
    turn.send(ended('completed', { responseId: 'resp_2' }))
    expect(turn.result).toMatchObject({ outcome: 'completed', responseId: 'resp_2' })
  })

  it('ends as incomplete when no successor comes', async () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, ended('incomplete', { code: 'steered' }))
    await turn.clock.advance(30_000 + GRACE_MS)
    expect(turn.result).toMatchObject({ outcome: 'incomplete', code: 'steered' })
  })

  it('that completed first may still get one', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, created, { type: 'turn.steerAccepted' }, ended('completed'))
    expect(turn.name).toBe('lingering')
    turn.send({ type: 'turn.created', responseId: 'resp_2' }, ended('completed', { responseId: 'resp_2' }))
    expect(turn.result).toMatchObject({ outcome: 'completed', responseId: 'resp_2' })
  })

  it.each([cut, { type: 'cancel' }, { type: 'turn.steerClosed' }] as TurnEvent[])(
    'that completed first stays completed after $type',
    (event) => {
      const turn = turnUnderTest()
      turn.send(dispatched, created, { type: 'turn.steerAccepted' }, ended('completed'), event)
      expect(turn.result).toMatchObject({ outcome: 'completed' })
    },
  )

  it('that waits for tool outputs of the client’s gets no successor by itself', () => {
    const turn = turnUnderTest()
    turn.send(
      dispatched,
      created,
      { type: 'turn.steerAccepted' },
      ended('completed', { waitsForClient: true }),
    )
    expect(turn.result).toMatchObject({ outcome: 'completed' })
  })
})

describe('whatever comes, in whatever order', () => {
  const events = fc.constantFrom<TurnEvent>(
    dispatched,
    created,
    output,
    cut,
    ended('completed'),
    ended('incomplete', { code: 'steered' }),
    ended('failed'),
    errored('previous_response_not_found'),
    errored('rate_limit_exceeded', 429, 5),
    errored('invalid_prompt'),
    { type: 'turn.heard' },
    { type: 'turn.steerAccepted' },
    { type: 'turn.steerClosed' },
    { type: 'turn.undeliverable', code: 'ERR_FRAME_TOO_LARGE' },
    { type: 'cancel' },
  )

  it('a turn settles once, is sent again only by its policy, and leaves no timer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(events, fc.nat(100_000)), { maxLength: 25 }),
        fc.constantFrom('never', 'safe', 'unanswered' as const),
        async (schedule, policy) => {
          const turn = turnUnderTest(policy)
          let settled = 0
          turn.actor.subscribe({ complete: () => (settled += 1) })
          for (const [event, ms] of schedule) {
            const before = turn.ready.length
            const answered = !turn.actor.getSnapshot().matches({ sent: 'unanswered' })
            turn.send(event)
            if (turn.ready.length > before) {
              expect(answered).toBe(false)
              expect(policy).not.toBe('never')
              if (event.type === 'turn.cut') expect(policy).toBe('unanswered')
            }
            await turn.clock.advance(ms)
          }
          turn.send({ type: 'cancel' })
          expect(settled).toBe(1)
          expect(turn.result?.outcome).toBeDefined()
          expect(turn.clock.pending()).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })
})

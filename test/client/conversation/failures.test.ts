import { describe, expect, it } from 'vitest'
import { outcomeOf, rest, talk } from './harness.ts'

/** Codes of `response.error`, and those that only a service of another generation sends. */
const CODES = [
  'server_error',
  'rate_limit_exceeded',
  'vector_store_timeout',
  'invalid_prompt',
  'data_residency_mismatch',
  'bio_policy',
  'cyber_policy',
  'invalid_image',
  'image_too_large',
  'failed_to_download_image',
  'context_length_exceeded',
  'insufficient_quota',
  'a_code_of_a_later_version',
]

describe('response.failed', () => {
  it.each(CODES)('%s: the turn failed, was sent once, and the next one is whole', async (code) => {
    const { conversation, resent, creates, ask } = await talk({
      server: { turns: [{ text: 'one' }, { text: ['a', 'b'], failed: { code } }, { text: 'three' }] },
    })
    await ask('first')
    const { error, waitedMs } = await ask('second')
    expect(error).toMatchObject({
      code: 'ERR_TURN_FAILED',
      outcome: 'failed',
      serverCode: code,
      progress: 'streaming',
      resendIsSafe: false,
      items: [{ type: 'message' }],
    })
    expect(waitedMs).toBe(0)
    expect(resent).toEqual([])
    expect(conversation.history).toHaveLength(2)
    expect((await ask('third')).text).toBe('three')
    expect(creates()).toHaveLength(3)
    expect(creates()[2]).not.toHaveProperty('previous_response_id')
  })

  it('before any output is no reason to send again either', async () => {
    const { resent, server, ask } = await talk({
      server: { turns: [{ output: [], failed: { code: 'server_error' } }] },
      conversation: { replay: 'unanswered' },
    })
    expect((await ask('first')).error).toMatchObject({ outcome: 'failed', resendIsSafe: false, items: [] })
    expect(resent).toEqual([])
    expect(server.creates()).toBe(1)
  })
})

describe('response.steer.failed', () => {
  it.each([
    'response_not_found',
    'invalid_input',
    'steering_not_supported',
    'too_many_pending_steers',
    'response_already_completed',
    'response_not_active',
    'a_code_of_a_later_version',
  ])('%s: the steer failed, its input comes back, and the turn goes on', async (code) => {
    const { conversation, clock, server, creates, ask } = await talk({
      server: { steering: { failWith: code }, turns: [{ text: ['a', 'b'], delayMs: 10 }, { text: 'two' }] },
    })
    const turn = conversation.respond('first')
    await clock.advance(20)
    const steer = turn.steer('shorter')
    await rest()
    expect(await steer.result).toMatchObject({ outcome: 'failed', code, input: [{ content: 'shorter' }] })
    expect(await outcomeOf(turn, clock)).toMatchObject({ text: 'ab', error: null })
    expect(conversation.history).toHaveLength(2)
    // Nothing of it is sent by itself: it belongs into the next turn, if at all.
    expect((await ask('next')).text).toBe('two')
    expect(creates()[1]?.['input']).toMatchObject([{ content: 'next' }])
    expect(server.transcript().filter(({ type }) => type === 'response.steer')).toHaveLength(1)
  })

  it('successor_creation_failed: what was taken could not be applied', async () => {
    const { conversation, clock, ask } = await talk({
      server: {
        steering: { successorFails: true },
        turns: [{ text: ['a', 'b'], delayMs: 10 }, { text: 'two' }],
      },
    })
    const turn = conversation.respond('first')
    await clock.advance(20)
    const steer = turn.steer('shorter')
    await rest()
    expect(steer.state).toBe('accepted')
    await outcomeOf(turn, clock)
    expect(await steer.result).toMatchObject({
      outcome: 'failed',
      code: 'successor_creation_failed',
      steerId: expect.any(String),
      input: [{ content: 'shorter' }],
    })
    expect((await ask('next')).text).toBe('two')
  })
})

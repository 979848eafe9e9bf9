import { describe, expect, it } from 'vitest'
import { cut, dispatched, errored, turnUnderTest } from './harness.ts'

describe('a turn that waits to be sent again', () => {
  it('may have run when an earlier sending was never answered', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, cut, { type: 'cancel' })
    expect(turn.result).toMatchObject({ outcome: 'cancelled', progress: 'queued', resendIsSafe: false })
  })

  it('may have run even when the next sending was refused', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, cut, dispatched, errored('insufficient_quota', 429))
    expect(turn.result).toMatchObject({ outcome: 'refused', resendIsSafe: false })
  })

  it('may have run even when the next sending was refused with a safe code', () => {
    const turn = turnUnderTest('unanswered')
    turn.send(dispatched, cut, dispatched, errored('rate_limit_exceeded', 429, 120_000))
    expect(turn.result).toMatchObject({ outcome: 'refused', remedy: 'wait', resendIsSafe: false })
  })

  it('did not run when every sending was refused with a safe code', () => {
    const turn = turnUnderTest()
    turn.send(dispatched, errored('previous_response_not_found'), { type: 'cancel' })
    expect(turn.result).toMatchObject({ outcome: 'cancelled', progress: 'queued', resendIsSafe: true })
  })
})

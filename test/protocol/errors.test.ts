import { describe, expect, it } from 'vitest'
import { BadOptionError, HoldlineError, isHoldlineError } from '../../src/protocol/index.ts'

describe('HoldlineError', () => {
  it('carries a code and its cause', () => {
    const cause = new Error('ECONNREFUSED')
    const error = new HoldlineError('ERR_DIAL_FAILED', 'Nobody answered.', { cause })
    expect(error).toMatchObject({
      name: 'HoldlineError',
      code: 'ERR_DIAL_FAILED',
      message: 'Nobody answered.',
      cause,
    })
    expect(error).toBeInstanceOf(Error)
  })

  it('says which option was bad', () => {
    const error = new BadOptionError('request.tls.ca', 'must be a string')
    expect(error).toMatchObject({ name: 'BadOptionError', code: 'ERR_BAD_OPTION', path: 'request.tls.ca' })
    expect(error.message).toBe('Option "request.tls.ca" must be a string. Nothing was started.')
  })
})

describe('isHoldlineError', () => {
  it('knows ours, also from another installed copy', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('holdline.error')]: true })
    expect(isHoldlineError(new BadOptionError('url', 'is missing'))).toBe(true)
    expect(isHoldlineError(foreign)).toBe(true)
  })

  it.each([
    [new Error('x')],
    [{ code: 'ERR_CLOSED', [Symbol.for('holdline.error')]: true }],
    [null],
    ['ERR_CLOSED'],
  ])('knows %j for another', (value) => {
    expect(isHoldlineError(value)).toBe(false)
  })
})

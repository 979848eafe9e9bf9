import { describe, expect, it } from 'vitest'
import { closeVerdict } from '../../machines/close-verdict.ts'
import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import { LOSS } from './connection/harness.ts'

describe('closeVerdict', () => {
  it.each([
    [1000, 'final', 'ERR_CONNECTION_LOST'],
    [1001, 'retry', 'ERR_CONNECTION_LOST'],
    [1002, 'final', 'ERR_CONNECTION_LOST'],
    [1003, 'final', 'ERR_CONNECTION_LOST'],
    [1005, 'retry', 'ERR_CONNECTION_LOST'],
    [1006, 'retry', 'ERR_CONNECTION_LOST'],
    [1007, 'final', 'ERR_CONNECTION_LOST'],
    [1008, 'final', 'ERR_CONNECTION_LOST'],
    [1009, 'final', 'ERR_CONNECTION_LOST'],
    [1010, 'final', 'ERR_CONNECTION_LOST'],
    [1011, 'retry', 'ERR_CONNECTION_LOST'],
    [1012, 'retry', 'ERR_CONNECTION_LOST'],
    [1013, 'retry', 'ERR_CONNECTION_LOST'],
    [1014, 'retry', 'ERR_CONNECTION_LOST'],
    [1015, 'retry', 'ERR_CONNECTION_LOST'],
    [3000, 'final', 'ERR_CONNECTION_LOST'],
    [4000, 'final', 'ERR_CONNECTION_LOST'],
    [4402, 'final', 'ERR_QUOTA'],
    [4999, 'final', 'ERR_CONNECTION_LOST'],
  ])('close code %i is %s (%s)', (code, kind, error) => {
    expect(closeVerdict({ ...LOSS, code })).toEqual({ kind, code: error })
  })

  it('1008 before the first frame is a refused upgrade in disguise', () => {
    expect(closeVerdict({ ...LOSS, code: 1008, heard: false })).toEqual({
      kind: 'final',
      code: 'ERR_TRANSPORT_UNAVAILABLE',
    })
  })

  it.each([
    ['ERR_CERTIFICATE', 'final'],
    ['ERR_PRIVATE_ADDRESS', 'final'],
    ['ERR_INSECURE_URL', 'final'],
    ['ERR_CREDENTIAL_MISSING', 'final'],
    ['ERR_NO_SOCKET', 'final'],
    ['ERR_BAD_OPTION', 'final'],
    ['ERR_CREDENTIAL_PROVIDER', 'retry'],
    ['ERR_DIAL_FAILED', 'retry'],
    ['ERR_CHART_FAILED', 'retry'],
    ['ERR_HALF_OPEN', 'retry'],
    ['ERR_AGE_LIMIT', 'retry'],
  ] satisfies [HoldlineErrorCode, string][])('what the socket actor knows as %s is %s', (error, kind) => {
    expect(closeVerdict({ ...LOSS, code: 1006, error })).toEqual({ kind, code: error })
  })

  it('what the socket actor knows outranks the close code', () => {
    expect(closeVerdict({ ...LOSS, code: 1000, error: 'ERR_DIAL_FAILED' }).kind).toBe('retry')
  })
})

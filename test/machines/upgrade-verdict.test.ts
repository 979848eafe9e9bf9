import { describe, expect, it } from 'vitest'
import { upgradeVerdict } from '../../machines/upgrade-verdict.ts'

describe('upgradeVerdict', () => {
  it.each([
    [200, 'final', 'ERR_TRANSPORT_UNAVAILABLE'],
    [301, 'final', 'ERR_UPGRADE_REFUSED'],
    [302, 'final', 'ERR_UPGRADE_REFUSED'],
    [307, 'final', 'ERR_UPGRADE_REFUSED'],
    [308, 'final', 'ERR_UPGRADE_REFUSED'],
    [400, 'final', 'ERR_UPGRADE_REFUSED'],
    [401, 'renew', 'ERR_UNAUTHORIZED'],
    [403, 'final', 'ERR_UPGRADE_REFUSED'],
    [404, 'final', 'ERR_TRANSPORT_UNAVAILABLE'],
    [405, 'final', 'ERR_TRANSPORT_UNAVAILABLE'],
    [407, 'final', 'ERR_UPGRADE_REFUSED'],
    [408, 'retry', 'ERR_UPGRADE_REFUSED'],
    [409, 'retry', 'ERR_UPGRADE_REFUSED'],
    [418, 'final', 'ERR_UPGRADE_REFUSED'],
    [422, 'final', 'ERR_UPGRADE_REFUSED'],
    [426, 'final', 'ERR_TRANSPORT_UNAVAILABLE'],
    [429, 'retry', 'ERR_UPGRADE_REFUSED'],
    [500, 'retry', 'ERR_UPGRADE_REFUSED'],
    [501, 'final', 'ERR_TRANSPORT_UNAVAILABLE'],
    [502, 'retry', 'ERR_UPGRADE_REFUSED'],
    [503, 'retry', 'ERR_UPGRADE_REFUSED'],
    [504, 'retry', 'ERR_UPGRADE_REFUSED'],
    [529, 'retry', 'ERR_UPGRADE_REFUSED'],
  ])('HTTP %i is %s (%s)', (status, kind, code) => {
    expect(upgradeVerdict({ status, code: null, retryAfterMs: null })).toEqual({ kind, code })
  })

  it.each([
    'insufficient_quota',
    'credit_balance_exhausted',
    'usage_limit_reached',
    'billing_hard_limit_reached',
  ])('429 with %s is final: waiting brings no credit', (code) => {
    expect(upgradeVerdict({ status: 429, code, retryAfterMs: 1 })).toEqual({
      kind: 'final',
      code: 'ERR_QUOTA',
    })
  })

  it('429 with another code is waited out', () => {
    expect(upgradeVerdict({ status: 429, code: 'rate_limit_exceeded', retryAfterMs: 1 }).kind).toBe('retry')
  })

  it('a quota code on another status changes nothing', () => {
    expect(upgradeVerdict({ status: 503, code: 'insufficient_quota', retryAfterMs: null }).kind).toBe('retry')
  })
})

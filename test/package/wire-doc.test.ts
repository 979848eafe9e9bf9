import { describe, expect, it } from 'vitest'
import { closeVerdict, upgradeVerdict } from '../../machines/index.ts'
import { LOSS } from '../machines/connection/harness.ts'
import { codeIn, tableRows, textOf } from './markdown.ts'

const wire = textOf('docs/wire.md')

describe('docs/wire.md', () => {
  const closeRows = tableRows(wire, '## Close codes')
  const upgradeRows = tableRows(wire, '## Refused upgrades')

  it('has a row for each code of the RFC', () => {
    expect(closeRows.map(([code]) => code).join(' ')).toBe(
      '1000 1001 1002 1003 1005 1006 1007 1008 1009 1010 1011 1012 1013 1014 1015 4402',
    )
    expect(upgradeRows.length).toBeGreaterThan(10)
  })

  it.each(closeRows)('says of close code %s (%s) what closeVerdict says', (code, _, kind, error = '') => {
    expect(closeVerdict({ ...LOSS, code: Number(code) })).toEqual({ kind, code: codeIn(error)[0] })
  })

  it.each(upgradeRows)('says of HTTP %s what upgradeVerdict says', (status, kind, error = '') => {
    const refusal = { status: Number(status), code: null, retryAfterMs: null }
    expect(upgradeVerdict(refusal)).toEqual({ kind, code: codeIn(error)[0] })
  })

  it('speaks true of the codes that are in no table', () => {
    const listed = new Set(closeRows.map(([code]) => Number(code)))
    const others = Array.from({ length: 4_000 }, (_, at) => 1_000 + at).filter((code) => !listed.has(code))
    expect(others.filter((code) => closeVerdict({ ...LOSS, code }).kind !== 'final')).toEqual([])
  })
})

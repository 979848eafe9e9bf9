import { expect, it } from 'vitest'
import { CloseCode } from '../../src/protocol/index.ts'

it('names the codes of RFC 6455 section 7.4.1, those registered since, and one of a gateway', () => {
  expect(Object.values(CloseCode)).toEqual([
    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 4402,
  ])
  expect(Object.isFrozen(CloseCode)).toBe(true)
})

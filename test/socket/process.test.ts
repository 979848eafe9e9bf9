import { expect, test } from 'vitest'
import { runChild } from './child.ts'

test('ending attempts before they open neither ends the process nor leaves anything open', async () => {
  const { code, output } = await runChild('stop-while-dialing.ts')
  expect(output).toBe('survived\n')
  expect(code).toBe(0)
}, 20_000)

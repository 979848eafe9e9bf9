import { expect, it } from 'vitest'
import { PATIENCE_MS } from '../../support/effort.ts'
import { holdUnderFaults } from './schedules/property.ts'

it(
  'promises hold under random schedules of faults, where conversations take turns',
  async () => {
    expect(await holdUnderFaults('no-lanes')).toBeGreaterThan(0)
  },
  PATIENCE_MS,
)

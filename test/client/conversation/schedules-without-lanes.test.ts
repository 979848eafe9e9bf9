import { it } from 'vitest'
import { PATIENCE_MS, holdsUnderFaults } from './schedules/property.ts'

it(
  'keeps its promises under random schedules of faults, where conversations take turns',
  () => holdsUnderFaults('no-lanes'),
  PATIENCE_MS,
)

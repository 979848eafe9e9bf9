import { it } from 'vitest'
import { PATIENCE_MS, holdsUnderFaults } from './schedules/property.ts'

it(
  'keeps its promises under random schedules of faults, where conversations have lanes',
  () => holdsUnderFaults('lanes'),
  PATIENCE_MS,
)

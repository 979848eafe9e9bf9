import { scenarios } from '../scenarios/index.ts'
import { answerParent } from './messages.ts'
import type { Plan, Runner, ServerAddress } from './scenario.ts'

// A process in which one way of one scenario runs.

const [, , name, way = '', server = '', size = ''] = process.argv
const scenario = scenarios.find((one) => one.name === name)
if (scenario === undefined) throw new Error(`There is no scenario "${name}".`)

let runner: Runner | undefined

answerParent(async (question: 'open' | 'round') => {
  if (question === 'open') {
    runner = await scenario.open(way, JSON.parse(server) as ServerAddress, JSON.parse(size) as Plan['size'])
    return null
  }
  globalThis.gc?.()
  return runner?.round()
})

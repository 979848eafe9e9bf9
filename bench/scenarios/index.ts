import type { Scenario } from '../harness/scenario.ts'
import { agentLoops } from './agent-loop.ts'
import { chain } from './chain.ts'
import { connect } from './connect.ts'
import { fetchFrames } from './fetch-frames.ts'
import { fetchLoops } from './fetch-loop.ts'
import { frames } from './frames.ts'
import { idle } from './idle.ts'
import { importing } from './import.ts'
import { lanes } from './lanes.ts'
import { largeFrames } from './large-frames.ts'
import { latency } from './latency.ts'
import { recover } from './recover.ts'
import { spread } from './spread.ts'

/** Everything that is measured, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  frames,
  lanes,
  ...largeFrames,
  latency,
  chain,
  ...agentLoops,
  ...fetchLoops,
  fetchFrames,
  recover,
  connect,
  idle,
  spread,
  importing,
]

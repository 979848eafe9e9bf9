import type { AnyStateMachine } from 'xstate'
import { connectionChart, conversationChart, lineChart, steerChart, turnChart } from '../machines/index.ts'

/** Every chart of the package, by the name its files have in `docs/diagrams/`. */
export const CHARTS: Readonly<Record<string, AnyStateMachine>> = {
  connection: connectionChart,
  line: lineChart,
  conversation: conversationChart,
  turn: turnChart,
  steer: steerChart,
}

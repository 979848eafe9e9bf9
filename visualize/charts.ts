import type { AnyStateMachine } from 'xstate'
import { connectionChart } from '../machines/index.ts'
import { turnChart } from '../machines/turn/chart.ts'

/** Every chart of the package, by the name its files have in `docs/diagrams/`. */
export const CHARTS: Readonly<Record<string, AnyStateMachine>> = {
  connection: connectionChart,
  turn: turnChart,
}

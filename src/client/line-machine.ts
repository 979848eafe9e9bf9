import type { ActorRefFrom, SnapshotFrom } from 'xstate'
import { type ConversationChart, conversationChart } from '../../machines/conversation/chart.ts'
import { type LineChart, lineChart } from '../../machines/line/chart.ts'
import { type ConnectionActorRef, connectionMachine } from './connection-machine.ts'
import { makeSafe, safeguard } from './make-safe.ts'

/** The conversation chart, made safe. */
const conversationMachine: ConversationChart = makeSafe(conversationChart)

/** The line chart with real connections, made safe: an error in it leaves no socket. */
export const lineMachine: LineChart = safeguard(
  lineChart.provide({ actors: { connection: connectionMachine, conversation: conversationMachine } }),
)

export type LineActorRef = ActorRefFrom<LineChart>
export type LineSnapshot = SnapshotFrom<LineChart>
export type ConversationActorRef = ActorRefFrom<ConversationChart>

/** The connection actor with this id, if the line still has it. */
export function connectionOf(line: LineActorRef, id: string): ConnectionActorRef | undefined {
  const children: Readonly<Record<string, unknown>> = line.getSnapshot().children
  return children[id] as ConnectionActorRef | undefined
}

/** The conversation actor with this id. */
export function conversationOf(line: LineActorRef, id: string): ConversationActorRef {
  const children: Readonly<Record<string, unknown>> = line.getSnapshot().children
  return children[id] as ConversationActorRef
}

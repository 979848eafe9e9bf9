import type { AnyActorRef, SnapshotFrom } from 'xstate'
import type { Chain, SendPlan } from '../../../machines/conversation/chain.ts'
import type { ConversationChart } from '../../../machines/conversation/chart.ts'
import type { ModelChain, ModelPlan } from '../model/conversation-chain.ts'
import type { ConversationView } from '../model/conversation-steps.ts'
import { topName } from './top-name.ts'

// The chart's words for lanes, chains and plans, in those of the model.

/** The key of a socket, by its number. */
export function keyOf(socket: number): string {
  return `connection-1.${socket}`
}

/** A lane of a socket, as in `1/default`. */
export function laneName({ connectionKey, lane }: Pick<Chain, 'connectionKey' | 'lane'>): string {
  return `${socketOf(connectionKey)}/${lane ?? 'default'}`
}

export function chainOf(chain: Chain): ModelChain {
  const { responseId, connectionKey, lane, laneSerial, stored, length, model, isForked } = chain
  const socket = socketOf(connectionKey)
  return { responseId, socket, lane, holding: laneSerial, stored, length, modelName: model, forked: isForked }
}

/** The other way round. */
export function chartChainOf({ socket, holding, forked, modelName, ...chain }: ModelChain): Chain {
  return { ...chain, model: modelName, connectionKey: keyOf(socket), laneSerial: holding, isForked: forked }
}

export function planView(plan: SendPlan, to: number): ModelPlan {
  if (plan.kind === 'full') return { whole: plan.reason, to }
  return { continues: plan.previousResponseId, from: plan.from, to }
}

/** What a snapshot of the chart shows by itself. */
export function shownOf({
  value,
  context,
  children,
}: SnapshotFrom<ConversationChart>): Pick<ConversationView, 'state' | 'turn' | 'holds' | 'steers'> {
  const turn = (children['turn'] as AnyActorRef | undefined)?.getSnapshot()
  return {
    state: typeof value === 'string' ? value : value.busy,
    turn: turn?.status === 'active' ? topName(turn.value) : null,
    holds: context.holds,
    steers: Object.keys(context.steers).length,
  }
}

function socketOf(connectionKey: string): number {
  return Number(connectionKey.split('.').at(-1))
}

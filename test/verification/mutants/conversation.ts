import { type ConversationChart, conversationChart } from '../../../machines/conversation/chart.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import { createConversationModel } from '../model/conversation-model.ts'
import { randomConversation } from '../model/conversation-schedule.ts'
import type { ConversationModelOptions, ConversationStep } from '../model/conversation-steps.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { firstToNotice } from './on-paths.ts'
import { type MutantReport, type MutantTest, runMutants } from '../../../src/testing/mutants/run.ts'

/** Mutants of the conversation chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action busy on turn.requeued 0 action 2 (releaseLane)':
    'there is no wait before that resend: it asks for a lane at once, and gives this one back then',
  'action busy on turn.ready 0 action 1 (releaseLane)':
    'what cannot be handed over is told in the same moment, so that no hold comes between',
}

/** Random schedules that a mutant is given when all paths have passed. */
const SCHEDULES = 300

/**
 * Runs generated paths, and then random schedules, on every mutant of the conversation chart. Each is compared with the
 * reference model.
 */
export async function conversationMutants(
  paths: readonly Path<ConversationStep, ConversationModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  const schedules = Array.from({ length: SCHEDULES }, (_, seed) => randomPath(seed))
  return await runMutants({
    machine: conversationChart,
    every,
    equivalents: EQUIVALENTS,
    test: noticing(order),
    schedules: noticing(schedules),
  })
}

function noticing(runs: Path<ConversationStep, ConversationModelOptions>[]): MutantTest<ConversationChart> {
  return (chart) =>
    firstToNotice(runs, {
      model: createConversationModel,
      subject: (options) => new ConversationSubject(options, chart),
    })
}

function randomPath(seed: number): Path<ConversationStep, ConversationModelOptions> {
  const goal = `random schedule ${seed}`
  return { kind: 'extra', goal, profile: goal, ...randomConversation({ seed }), moves: [] }
}

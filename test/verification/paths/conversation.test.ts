import { beforeAll, describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import { createConversationClassSubject } from '../drive/conversation-class-subject.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import { createConversationModel } from '../model/conversation-model.ts'
import type { ConversationModelOptions, ConversationStep } from '../model/conversation-steps.ts'
import { conversationMutants } from '../mutants/conversation.ts'
import { type ConversationProfile, conversationPaths } from './conversation.ts'
import { isConversationOutside } from '../model/conversation-outside.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { type Move, Witness } from '../../../src/testing/paths/witness.ts'
import { missingPairs } from './pairs.ts'
import { PATIENCE_MS, runs, withoutPairs } from '../../support/effort.ts'

/** Of so many mutants a plain run takes one. */
const SAMPLE = runs(10, 1)

let generated: GeneratedPaths<ConversationStep, ConversationProfile>

beforeAll(async () => {
  generated = await generatePaths(conversationPaths)
}, PATIENCE_MS)

describe('the generated paths of the conversation chart', () => {
  test('take every pair of transitions', () => {
    expect(missingPairs(generated)).toEqual([])
  })

  test('reach every state, transition and guard outcome', () => {
    expect(coverageOf(generated).gaps.map(({ id }) => id)).toEqual([])
  })

  test('do on the chart what the model says', { timeout: PATIENCE_MS }, async () => {
    for (const { steps, options, goal } of generated.paths) {
      const subject = new ConversationSubject(options)
      await agreeWith(createConversationModel(options), subject, steps, `conversation on its way to ${goal}`)
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }
  })
})

const isOutside = ({ steps, options }: Path<ConversationStep, ConversationProfile>): boolean =>
  isConversationOutside(steps, options)

test('the paths from outside do on real sockets what the model says', { timeout: PATIENCE_MS }, async () => {
  const inside = generated.paths.filter((path) => path.kind === 'extra' && !isOutside(path))
  // No step from outside closes a socket between the grant of a lane and the sending: these run on the chart alone.
  expect(inside.map(({ goal }) => goal)).toEqual([
    'a warm-up that could not leave gets another lane, and gives the first one back',
    'the socket goes while a turn is sent',
  ])
  const ran: Path<ConversationStep, ConversationProfile>[] = []
  for (const path of withoutPairs(generated.paths.filter(isOutside))) {
    ran.push({ ...path, moves: await overSockets(path) })
  }
  expect(ran.length).toBeGreaterThan(50)
  // What the bare chart can be brought to from outside must have happened on sockets.
  const coverage = coverageOf({ ...generated, paths: ran })
  expect(coverage.gaps.map(({ id }) => id)).toEqual([])
})

/** What the chart does on such a path, once all of it was as the model says. */
async function overSockets(path: Path<ConversationStep, ConversationProfile>): Promise<readonly Move[]> {
  const { steps, options, goal } = path
  const witness = new Witness(conversationPaths.machine)
  let actor: unknown = null
  const subject = await createConversationClassSubject(options, {
    // The crowd's conversations, and forks, have charts of their own.
    inspect: (event) => {
      if (event.actorRef === actor) witness.inspect(event)
    },
  })
  ;({ actor } = subject)
  try {
    await agreeWith(createConversationModel(options), subject, steps, `conversation on its way to ${goal}`)
    return witness.takeMoves()
  } finally {
    await subject.stop()
    expect(subject.clock.pending()).toEqual([])
  }
}

/** Turns that end well, one after the other, on the default lane of socket 1. */
const first: readonly ConversationStep[] = [
  { do: 'respond' },
  { do: 'grant' },
  { do: 'created' },
  { do: 'ended', end: 'completed' },
]

describe('what is sent', () => {
  test.each<[string, ConversationModelOptions, readonly ConversationStep[]]>([
    ['what is new', {}, [...first, { do: 'respond' }, { do: 'grant' }]],
    ['all: another model', {}, [...first, { do: 'respond', modelName: 'other' }, { do: 'grant' }]],
    ['all: another socket', {}, [...first, { do: 'respond' }, { do: 'grant', socket: 2 }]],
    ['all: another lane', {}, [...first, { do: 'respond' }, { do: 'grant', lane: 'a' }]],
    ['all: somebody else had the lane', {}, [...first, { do: 'respond' }, { do: 'grant', holding: 1 }]],
    ['all: nothing is new', {}, [...first, { do: 'prime' }, { do: 'grant' }]],
    ['not the steers', {}, [...first, { do: 'respond', taken: 2 }, { do: 'grant' }]],
    [
      'the steers, elsewhere',
      { begins: 'restored' },
      [
        { do: 'respond', taken: 1 },
        { do: 'grant', socket: 2 },
      ],
    ],
    [
      'what is new, of a stored response',
      { begins: 'restored' },
      [{ do: 'respond' }, { do: 'grant', lane: 'a' }],
    ],
    [
      'what is new, of a fork',
      { begins: 'fork' },
      [{ do: 'respond' }, { do: 'grant', lane: 'a', holding: 3 }],
    ],
    ['all: a fork on another socket', { begins: 'fork' }, [{ do: 'respond' }, { do: 'grant', socket: 2 }]],
    [
      'what is new, after a compaction',
      {},
      [...first, { do: 'shrink', items: 1 }, { do: 'respond' }, { do: 'grant' }],
    ],
    ['all: another history', {}, [...first, { do: 'forget', length: 3 }, { do: 'respond' }, { do: 'grant' }]],
  ])('%s', async (_name, options, steps) => {
    const subject = new ConversationSubject(options)
    const agreed = agreeWith(createConversationModel(options), subject, steps, 'conversation')
    await expect(agreed).resolves.toBeUndefined()
    await subject.stop()
  })
})

test(
  'the paths and the model notice the mutants of the conversation chart',
  { timeout: PATIENCE_MS },
  async () => {
    const { results, survivors, stale } = await conversationMutants(generated.paths, SAMPLE)
    expect(results.length).toBeGreaterThan(7)
    expect(survivors.map(({ mutant }) => `${mutant.kind} ${mutant.name}`)).toEqual([])
    expect(stale).toEqual([])
  },
)

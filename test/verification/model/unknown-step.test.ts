import { expect, test } from 'vitest'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import type { ReferenceModel, Subject } from '../../../src/testing/properties/subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { createConversationModel } from './conversation-model.ts'
import { OutsideConversationModel } from './conversation-outside.ts'
import { createLineModel } from './line-model.ts'
import { createSteerModel } from './steer-model.ts'
import { createTurnModel } from './turn-model.ts'
import { OutsideTurnModel } from './turn-outside.ts'

interface AnyStep {
  readonly do: string
  readonly [field: string]: unknown
}

/** A subject that does what the model does, so that only the path can be wrong. */
function mirrorOf(model: ReferenceModel<AnyStep>): Subject<AnyStep> {
  return {
    take: async (step) => model.take(step),
    view: () => model.view(),
    complaints: () => [],
    stop: async () => {},
  }
}

/** Paths of steps that there are, and a place where every kind of step could come next. */
const MODELS: readonly (readonly [string, () => unknown, readonly AnyStep[]])[] = [
  ['connection', createConnectionModel, [{ do: 'connect' }, { do: 'accept' }]],
  ['turn', createTurnModel, [{ do: 'dispatch' }, { do: 'heard' }]],
  ['turn from outside', () => new OutsideTurnModel(), [{ do: 'dispatch' }, { do: 'heard' }]],
  ['steer', createSteerModel, [{ do: 'accepted' }, { do: 'pending' }]],
  ['conversation', createConversationModel, [{ do: 'respond' }, { do: 'grant' }]],
  ['conversation from outside', () => new OutsideConversationModel(), [{ do: 'respond' }, { do: 'grant' }]],
  [
    'line',
    createLineModel,
    [
      { do: 'ask', who: 'a' },
      { do: 'accept', of: 'current' },
      { do: 'release', who: 'a' },
    ],
  ],
]

const UNKNOWN: readonly AnyStep[] = [
  { do: 'acept' },
  { do: 'toString' },
  { do: 'Wait', ms: 5 },
  { do: 'releese', who: 'a' },
  { do: 'acept', of: 'current' },
  { do: 'turn', of: 'current' },
  { do: 'cut', of: 'curent' },
]

const cases = MODELS.flatMap(([name, create, path]) =>
  [0, path.length].flatMap((at) =>
    // Only a line has the last ones' fields; elsewhere they are no part of the step.
    UNKNOWN.filter((step) => name === 'line' || !('of' in step) || step.do === 'acept').map(
      (step) => [name, step, at, create as () => ReferenceModel<AnyStep>, path.slice(0, at)] as const,
    ),
  ),
)

test.each(cases)('a path of a %s with the step %o at %i is refused', async (name, step, at, create, path) => {
  const running = agreeWith(create(), mirrorOf(create()), [...path, step], name)
  await expect(running).rejects.toMatchObject({ code: 'ERR_IMPOSSIBLE_STEP', index: at })
})

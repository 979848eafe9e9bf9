import { printSteps } from '../model/steps.ts'
import { type Difference, differences } from '../model/view.ts'
import type { ReferenceModel, Subject } from './subject.ts'

/** A subject did something else than the model. The message holds the steps, ready to be pasted into a test. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError'
  readonly code = 'ERR_DISAGREEMENT'
  /** The steps up to and with the one after which they differ. */
  readonly steps: readonly object[]
  readonly differences: readonly Difference[]

  constructor(
    who: string,
    steps: readonly object[],
    found: readonly Difference[],
    complaints: readonly string[] = [],
  ) {
    const lines = found.map(
      ({ field, expected, actual }) => `  ${field}: must be ${show(expected)}, is ${show(actual)}`,
    )
    const said = complaints.map((complaint) => `  ${complaint}`)
    super(
      `After step ${steps.length} the ${who} differs from the model:\n${[...lines, ...said].join('\n')}\n` +
        `The steps: ${printSteps(steps)}`,
    )
    this.steps = steps
    this.differences = found
  }
}

/** As long as any timer runs; where nothing is due, nothing may happen for as long. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** How a subject differs from the model. */
export interface Comparison {
  readonly differences: readonly Difference[]
  readonly complaints: readonly string[]
}

/** A path asks for something that cannot happen there, as an answer to a dial while nobody dials. */
export class ImpossibleStepError extends Error {
  override readonly name = 'ImpossibleStepError'
  readonly code = 'ERR_IMPOSSIBLE_STEP'
  /** Its place in the path, from 0. */
  readonly index: number

  constructor(steps: readonly object[], index: number, state: string) {
    super(
      `Step ${index + 1} of the path cannot happen: it is ${state} there. Nothing more was done. ` +
        `Correct the last of these steps: ${printSteps(steps.slice(0, index + 1))}`,
    )
    this.index = index
  }
}

/** A step of any model: time passes in all of them. */
interface AnyStep {
  readonly do: string
}

/** Does one step to the model and to a subject, and says how they differ after it. */
export async function stepBoth<Step extends AnyStep>(
  model: ReferenceModel<Step>,
  subject: Subject<Step>,
  step: Step,
): Promise<Comparison> {
  if (step.do === 'next') return await passBoth(model, subject)
  model.take(step)
  await subject.take(step)
  return compare(model, subject)
}

/** Up to 1 ms before the next thing is due nothing may happen, and then it must. */
async function passBoth<Step extends AnyStep>(
  model: ReferenceModel<Step>,
  subject: Subject<Step>,
): Promise<Comparison> {
  const ms = (model.nextDue ?? model.now + LONGEST_DELAY_MS) - model.now
  for (const wait of ms > 1 ? [ms - 1, 1] : [ms]) {
    const step = { do: 'wait', ms: wait } as unknown as Step
    model.take(step)
    await subject.take(step)
    const found = compare(model, subject)
    if (found.differences.length > 0 || found.complaints.length > 0) return found
  }
  return compare(model, subject)
}

function compare(model: ReferenceModel<never>, subject: Subject<never>): Comparison {
  return { differences: differences(model.view(), subject.view()), complaints: subject.complaints() }
}

/**
 * Does all steps to a model and to a subject, both fresh, and compares them after each.
 *
 * @param who names the subject in the error
 * @throws {DisagreementError} after the first step at which they differ
 * @throws {ImpossibleStepError} before a step that cannot happen where it stands
 */
export async function agreeWith<Step extends AnyStep>(
  model: ReferenceModel<Step>,
  subject: Subject<Step>,
  steps: readonly Step[],
  who: string,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    // Time passes everywhere, whether or not anything is due.
    if (step.do !== 'next' && !model.applies(step)) {
      throw new ImpossibleStepError(steps, index, String(Reflect.get(model.view(), 'state')))
    }
    const found = await stepBoth(model, subject, step)
    if (found.differences.length > 0 || found.complaints.length > 0) {
      throw new DisagreementError(who, steps.slice(0, index + 1), found.differences, found.complaints)
    }
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

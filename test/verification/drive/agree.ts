import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import type { ConnectionSubject } from '../../../src/testing/properties/subject.ts'

/** What a run is called in its error. */
export interface AgreeOptions {
  /** Default: `subject`. */
  readonly who?: string
  /** Options of the model. The subject must have been made with the same. Default: none. */
  readonly options?: ConnectionModelOptions
}

/**
 * Does all steps to a fresh model and to a subject, and compares them after each.
 *
 * @throws {DisagreementError} after the first step at which they differ
 * @throws {ImpossibleStepError} before a step that cannot happen where it stands
 */
export async function agree(
  subject: ConnectionSubject,
  steps: readonly ConnectionStep[],
  { who = 'subject', options = {} }: AgreeOptions = {},
): Promise<void> {
  await agreeWith(createConnectionModel(options), subject, steps, who)
}

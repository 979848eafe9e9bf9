import fc from 'fast-check'
import { DisagreementError, stepBoth } from '../../../src/testing/properties/agree.ts'
import type { ReferenceModel, Subject } from '../../../src/testing/properties/subject.ts'

interface AnyStep {
  readonly do: string
}

interface Real<Step> {
  readonly subject: Subject<Step>
  readonly taken: Step[]
}

class StepCommand<Step extends AnyStep> implements fc.AsyncCommand<ReferenceModel<Step>, Real<Step>> {
  readonly step: Step

  constructor(step: Step) {
    this.step = step
  }

  check(model: Readonly<ReferenceModel<Step>>): boolean {
    return model.applies(this.step)
  }

  async run(model: ReferenceModel<Step>, { subject, taken }: Real<Step>): Promise<void> {
    taken.push(this.step)
    const found = await stepBoth(model, subject, this.step)
    if (found.differences.length === 0 && found.complaints.length === 0) return
    throw new DisagreementError('subject', taken, found.differences, found.complaints)
  }

  toString(): string {
    return JSON.stringify(this.step)
  }
}

/** Lists of steps as fast-check runs and shrinks them. */
export function stepCommands<Step extends AnyStep>(step: fc.Arbitrary<Step>, maxCommands: number) {
  return fc.commands([step.map((one) => new StepCommand(one))], { maxCommands, size: 'max' })
}

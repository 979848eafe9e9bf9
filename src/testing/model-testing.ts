// `holdline/model-testing`: paths, coverage, mutants and properties of any machine.
export { type Coverage, coverageOf } from './coverage/coverage.ts'
export { coveragePage } from './coverage/page.ts'
export { printCoverage, printPaths } from './coverage/print.ts'
export { type ConnectionModel, createConnectionModel } from './model/connection-model.ts'
export type { ConnectionModelOptions } from './model/options.ts'
export type { ConnectionStep } from './model/steps.ts'
export type { ConnectionView, Difference } from './model/view.ts'
export { type Mutant, mutantsOf } from './mutants/mutate.ts'
export {
  type MutantReport,
  type MutantRunOptions,
  type MutantTest,
  printMutants,
  runMutants,
} from './mutants/run.ts'
export { type AppStep, agreeInStates, appIn } from './paths/app.ts'
export type { Explorable, ExploreOptions } from './paths/explore.ts'
export { type GeneratedPaths, generatePaths } from './paths/generate.ts'
export type { Path, PathKind } from './paths/path.ts'
export type { PathSubject } from './paths/subject.ts'
export { DisagreementError, ImpossibleStepError, agreeWith, stepBoth } from './properties/agree.ts'
export { type RecordableSubject, recordCounterexamples } from './properties/counterexample.ts'
export type { ReferenceModel, Subject } from './properties/subject.ts'

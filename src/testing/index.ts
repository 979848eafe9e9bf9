export { type Clock, realClock, settle, SimulatedClock, type SimulatedClockOptions } from './clock.ts'
export { parseScript } from './script/parse.ts'
export type {
  ConnectionFault,
  ErrorForm,
  ErrorFrame,
  FaultPoint,
  OutputItem,
  Script,
  Turn,
  TurnFault,
  UpgradeAnswer,
} from './script/types.ts'
export type { AbsenceOptions, CreateWaitOptions, ResponsesServer } from './server/api.ts'
export type { EndByHand, TurnByHand } from './server/by-hand.ts'
export type { ServerConnection } from './server/server-connection.ts'
export { echoModel, type Model } from './server/model.ts'
export type { ServerOptions, ServerTls } from './server/options.ts'
export type { RequestRecord, TranscriptEntry, UpgradeRecord } from './server/records.ts'
export { type ModelRequest, turnKey } from './server/request.ts'
export type { Outcome } from './server/run-context.ts'
export { createResponsesServer } from './server/server.ts'
export { UnexpectedEventError, type WaitOptions, WaitTimeoutError } from './server/waiting.ts'
export type { Frame, Item } from './server/wire.ts'

export type { PendingTimer } from './clock.ts'
export { type ConnectionModel, createConnectionModel } from './model/connection-model.ts'
export { type ConnectionModelOptions, TEST_KEY } from './model/options.ts'
export { type ConnectionStep, type TurnEnd, isOutside, printSteps } from './model/steps.ts'
export {
  type ConnectionName,
  type ConnectionView,
  type Difference,
  type EndView,
  differences,
} from './model/view.ts'
export {
  type Comparison,
  DisagreementError,
  ImpossibleStepError,
  agreeWith,
  stepBoth,
} from './properties/agree.ts'
export { FakeWorld } from './network/fake-world.ts'
export { type Gate, type GateOptions, type GateTarget, createGate } from './network/gate.ts'
export type { Passage } from './network/passage.ts'
export {
  type Attempt,
  type CounterexampleOptions,
  type RecordableSubject,
  type StartSubject,
  recordCounterexamples,
} from './properties/counterexample.ts'
export type { ConnectionSubject, ReferenceModel, Subject } from './properties/subject.ts'
export { type OutsideStep, type World, type WorldOptions, createWorld } from './network/world.ts'
export { type Coverage, type CoverageStatus, type CoveredItem, coverageOf } from './coverage/coverage.ts'
export { coveragePage } from './coverage/page.ts'
export { printCoverage, printPaths } from './coverage/print.ts'
export { type Mutant, mutantsOf } from './mutants/mutate.ts'
export {
  type MutantKiller,
  type MutantReport,
  type MutantResult,
  type MutantRunOptions,
  type MutantTest,
  printMutants,
  runMutants,
} from './mutants/run.ts'
export type { TurnFaultName } from './model/turn-faults.ts'
export { type Edge, edgesOf } from './paths/edges.ts'
export type { Arc, Explorable, Exploration, ExploreOptions, Place } from './paths/explore.ts'
export { explore } from './paths/explore.ts'
export { type GeneratedPaths, type ProfileExploration, generatePaths } from './paths/generate.ts'
export type { Path, PathKind } from './paths/path.ts'
export type { ExtraPath, PathSubject } from './paths/subject.ts'
export type { Move } from './paths/witness.ts'
export { type Conformance, type Departure, conforms } from '../recording/conforms.ts'
export { type RecordOptions, type Recorder, record } from '../recording/record.ts'
export { type ReplayOptions, type ReplayedTransition, replay } from '../recording/replay.ts'
export { type AppStep, agreeInStates, appIn } from './paths/app.ts'

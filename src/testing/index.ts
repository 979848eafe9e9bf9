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
export { type Schedule, type ScheduleOptions, randomSchedule } from './model/schedule.ts'
export { type ConnectionStep, type TurnEnd, isOutside, printSteps } from './model/steps.ts'
export {
  type ConnectionName,
  type ConnectionView,
  type Difference,
  type EndView,
  differences,
} from './model/view.ts'
export {
  type AgreeOptions,
  type Comparison,
  DisagreementError,
  ImpossibleStepError,
  agree,
  agreeWith,
  stepBoth,
} from './drive/agree.ts'
export { ChartSubject, type ChartSubjectOptions } from './drive/chart-subject.ts'
export { type ClassSubject, type ClassSubjectOptions, createClassSubject } from './drive/class-subject.ts'
export { type MachineSubject, createMachineSubject } from './drive/machine-subject.ts'
export { FakeWorld } from './drive/fake-world.ts'
export { type Gate, type GateOptions, type GateTarget, createGate } from './drive/gate.ts'
export { type ServerTurnStep, giveByHand } from './drive/give-by-hand.ts'
export type { Passage } from './drive/passage.ts'
export {
  type Attempt,
  type CounterexampleOptions,
  type RecordableSubject,
  type StartSubject,
  recordCounterexamples,
} from './drive/counterexample.ts'
export { recordSteps } from './drive/record-steps.ts'
export type { ConnectionSubject, ReferenceModel, Subject } from './drive/subject.ts'
export { type OutsideStep, type World, type WorldOptions, createWorld } from './drive/world.ts'
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
export { connectionPaths } from './paths/connection.ts'
export { turnPaths } from './paths/turn.ts'
export {
  type TurnClassSubject,
  type TurnClassSubjectOptions,
  createTurnClassSubject,
} from './drive/turn-class-subject.ts'
export { type ConversationProfile, conversationPaths } from './paths/conversation.ts'
export {
  type ConversationClassSubject,
  type ConversationClassSubjectOptions,
  createConversationClassSubject,
} from './drive/conversation-class-subject.ts'
export {
  OutsideConversationModel,
  type OutsideConversationOptions,
  isConversationOutside,
} from './model/conversation-outside.ts'
export { ConversationSubject } from './drive/conversation-subject.ts'
export { type ConversationModel, createConversationModel } from './model/conversation-model.ts'
export type { ModelChain, ModelPlan } from './model/conversation-chain.ts'
export type {
  ConversationModelOptions,
  ConversationState,
  ConversationStep,
  ConversationView,
  LaneAt,
} from './model/conversation-steps.ts'
export { type ConversationSchedule, randomConversation } from './model/conversation-schedule.ts'
export { TurnSubject } from './drive/turn-subject.ts'
export { type TurnModel, createTurnModel } from './model/turn-model.ts'
export { OutsideTurnModel, isTurnOutside } from './model/turn-outside.ts'
export type { TurnModelOptions, TurnStep, TurnView } from './model/turn-steps.ts'
export { type LineProfile, linePaths } from './paths/line.ts'
export { type LineClassSubject, createLineClassSubject } from './drive/line-class-subject.ts'
export { LineSubject } from './drive/line-subject.ts'
export { type LineModel, createLineModel } from './model/line-model.ts'
export type {
  LineConnectionView,
  LineModelOptions,
  LinePlace,
  LineStep,
  LineView,
  SocketStep,
} from './model/line-steps.ts'
export { steerPaths } from './paths/steer.ts'
export { SteerSubject } from './drive/steer-subject.ts'
export { type SteerClassSubject, createSteerClassSubject } from './drive/steer-class-subject.ts'
export {
  type SteerModel,
  type SteerStep,
  type SteerView,
  createSteerModel,
  isSteerOutside,
} from './model/steer-model.ts'
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

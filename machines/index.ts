export { type BackoffPolicy, type RandomSource, backoffDelayMs, retryDelayMs } from './backoff.ts'
export { closeVerdict } from './close-verdict.ts'
export { type ConnectionChart, connectionChart } from './connection/chart.ts'
export { CONNECTION_DEFAULTS, type ConnectionInput } from '../src/protocol/options/connection-options.ts'
export { type ConnectionSettings, type SealedInput, sealOptions } from '../src/protocol/options/seal.ts'
export { type Chain, type FullReason, type SendPlan, planSending } from './conversation/chain.ts'
export { type ConversationChart, conversationChart } from './conversation/chart.ts'
export type {
  ConversationEmitted,
  ConversationMoved,
  TurnPlanned,
  TurnResent,
  TurnSettled,
} from './conversation/types.ts'
export type {
  CloseInfo,
  ClosedBecause,
  ConnectionClosed,
  ConnectionCommand,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionLost,
  ConnectionOpened,
  ConnectionRipe,
  ConnectionStateName,
  RetryState,
  SocketActorRef,
  SocketLogic,
} from './connection/types.ts'
export { type LineChart, lineChart } from './line/chart.ts'
export type { LaneGranted, LaneRefused, LineCommand, LineEmitted, LineMoved } from './line/types.ts'
export type {
  LossPhase,
  SocketCommand,
  SocketFact,
  SocketInput,
  SocketLoss,
  UpgradeRefusal,
} from './socket-contract.ts'
export type {
  FrameRejected,
  SendRefused,
  SocketNotice,
  TurnLost,
  TurnProgress,
  UpgradeRefused,
} from './socket-notices.ts'
export { type SteerOutcome, steerChart } from './steer/chart.ts'
export { type TurnChart, turnChart } from './turn/chart.ts'
export { type FailureVerdict, failureVerdict } from './turn/failure-verdict.ts'
export { type TurnRefusal, type RefusalVerdict, type Remedy, refusalVerdict } from './turn/refusal-verdict.ts'
export type { ReplayPolicy, ResendReason } from './turn/resend.ts'
export type { TurnEvent, TurnLimits, TurnOutcome, TurnResult } from './turn/types.ts'
export { upgradeVerdict } from './upgrade-verdict.ts'
export type { Verdict, VerdictKind } from './verdict.ts'

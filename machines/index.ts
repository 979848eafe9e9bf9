export { type BackoffPolicy, type RandomSource, backoffDelayMs } from './backoff.ts'
export { closeVerdict } from './close-verdict.ts'
export { type ConnectionChart, connectionChart } from './connection/chart.ts'
export type { LossParams } from './connection/transitions.ts'
export { CONNECTION_DEFAULTS, type ConnectionInput } from '../src/protocol/options/connection-options.ts'
export { type ConnectionSettings, type SealedInput, sealOptions } from '../src/protocol/options/seal.ts'
export type {
  CloseInfo,
  ClosedBecause,
  ConnectionClosed,
  ConnectionCommand,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionLost,
  ConnectionMachineInput,
  ConnectionNews,
  ConnectionOpened,
  ConnectionRipe,
  ConnectionStateName,
  RetryState,
  SocketActorRef,
  SocketLogic,
} from './connection/types.ts'
export { type ConversationChart, conversationChart } from './conversation/chart.ts'
export { type LineChart, lineChart } from './line/chart.ts'
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
export { steerChart } from './steer/chart.ts'
export { type TurnChart, turnChart } from './turn/chart.ts'
export { upgradeVerdict } from './upgrade-verdict.ts'
export type { Verdict, VerdictKind } from './verdict.ts'

export { type BackoffPolicy, type RandomSource, backoffDelayMs, retryDelayMs } from './backoff.ts'
export { closeVerdict } from './close-verdict.ts'
export { type ConnectionChart, connectionChart } from './connection/chart.ts'
export type { ConnectionInput, RetryInput, TimeInput, TransportInput } from './connection/input.ts'
export { CONNECTION_DEFAULTS, type ConnectionSettings } from './connection/settings.ts'
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
export { upgradeVerdict } from './upgrade-verdict.ts'
export type { Verdict, VerdictKind } from './verdict.ts'

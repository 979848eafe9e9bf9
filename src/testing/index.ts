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
export type { ServerConnection } from './server/server-connection.ts'
export { echoModel, type Model } from './server/model.ts'
export type { ServerOptions, ServerTls } from './server/options.ts'
export type { RequestRecord, TranscriptEntry, UpgradeRecord } from './server/records.ts'
export { type ModelRequest, turnKey } from './server/request.ts'
export type { Outcome } from './server/run-context.ts'
export { createResponsesServer } from './server/server.ts'
export { UnexpectedEventError, type WaitOptions, WaitTimeoutError } from './server/waiting.ts'
export type { Frame, Item } from './server/wire.ts'

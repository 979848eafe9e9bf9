export { type Clock, SimulatedClock, settle } from './clock.ts'
export { TEST_KEY } from './model/options.ts'
export { FakeWorld } from './network/fake-world.ts'
export { type Gate, type GateTarget, createGate } from './network/gate.ts'
export type { Passage } from './network/passage.ts'
export { type OutsideStep, type World, type WorldOptions, createWorld } from './network/world.ts'
export { parseScript } from './script/parse.ts'
export type {
  ConnectionFault,
  ErrorFrame,
  OutputItem,
  Script,
  Turn,
  TurnFault,
  UpgradeAnswer,
} from './script/types.ts'
export type { ResponsesServer } from './server/api.ts'
export type { TurnByHand } from './server/by-hand.ts'
export { type Model, echoModel } from './server/model.ts'
export type { ServerOptions, ServerTls } from './server/options.ts'
export type { RequestRecord, TranscriptEntry, UpgradeRecord } from './server/records.ts'
export { type ModelRequest, turnKey } from './server/request.ts'
export type { ServerConnection } from './server/server-connection.ts'
export { createResponsesServer } from './server/server.ts'
export { UnexpectedEventError, WaitTimeoutError } from './server/waiting.ts'

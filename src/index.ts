export * from '../machines/index.ts'
export { ConnectionError } from './client/connection-error.ts'
export {
  type ConnectionActorRef,
  type ConnectionSnapshot,
  connectionMachine,
} from './client/connection-machine.ts'
export {
  type CloseOptions,
  type ConnectOptions,
  ResponsesConnection,
  type WarmUpParams,
} from './client/connection.ts'
export { REQUEST_CHANNEL } from './client/request/request-chain.ts'
export type { RequestBody } from './client/request/request-body.ts'
export type { RequestTurnOptions } from './client/request/requests.ts'
export { Conversation } from './client/conversation/conversation.ts'
export type { AbortOptions, RespondOptions } from './client/conversation/host.ts'
export type { ConversationInput, HistoryItem } from './client/conversation/history.ts'
export {
  CONVERSATION_DEFAULTS,
  type ConversationOptions,
  type RequestSettings,
} from './client/conversation/options.ts'
export type { RunOptions, RunResult } from './client/conversation/run.ts'
export type { SavedConversation } from './client/conversation/saved.ts'
export type { Steer, SteerResult, SteerState } from './client/conversation/steer.ts'
export { TurnError } from './client/conversation/turn-error.ts'
export type { Turn } from './client/conversation/turn.ts'
export { type LineActorRef, lineMachine } from './client/line-machine.ts'
export { type RestoreRule, makeSafe } from './client/make-safe.ts'
export {
  type OpenAIWebSocketCloseInfo,
  type OpenAIWebSocketConnectionState,
  OpenAIWebSocketManager,
  type OpenAIWebSocketManagerOptions,
} from './client/manager.ts'
export type { ConnectionOptions } from './client/options.ts'
export { isServerEvent } from './client/server-event.ts'
export * from './client/tools/index.ts'
export { HttpExchangeError, HttpStatusError } from './http/errors.ts'
export * from './protocol/errors.ts'
export * from './protocol/index.ts'
export type { EndpointOptions, RequestOptions } from './protocol/options/connection-options.ts'
export * from './protocol/secret.ts'
export type { AuthOptions, ProxyOptions, TlsOptions } from './protocol/transport.ts'
export {
  FRAME_CHANNEL,
  type FrameNote,
  type SocketActorOptions,
  type SocketFactory,
  type SocketHandle,
  createSocketActor,
  socketActor,
  socketHandle,
} from './socket/index.ts'

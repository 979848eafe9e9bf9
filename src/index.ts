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
export { type RestoreRule, makeSafe } from './client/make-safe.ts'
export {
  type OpenAIWebSocketCloseInfo,
  type OpenAIWebSocketConnectionState,
  OpenAIWebSocketManager,
  type OpenAIWebSocketManagerOptions,
} from './client/manager.ts'
export type { ApiKey, ConnectionOptions, RequestOptions } from './client/options.ts'
export { isServerEvent } from './client/server-event.ts'
export * from './protocol/errors.ts'
export * from './protocol/index.ts'
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

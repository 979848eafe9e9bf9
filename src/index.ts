export type { BackoffPolicy } from '../machines/backoff.ts'
export type {
  CloseInfo,
  ClosedBecause,
  ConnectionClosed,
  ConnectionEmitted,
  ConnectionLost,
  ConnectionOpened,
  ConnectionRipe,
  ConnectionStateName,
  RetryState,
} from '../machines/connection/types.ts'
export type { FullReason } from '../machines/conversation/chain.ts'
export type { TurnPlanned, TurnResent, TurnSettled } from '../machines/conversation/types.ts'
export type {
  FrameRejected,
  SendRefused,
  TurnLost,
  TurnProgress,
  UpgradeRefused,
} from '../machines/socket-notices.ts'
export type { ReplayPolicy, ResendReason } from '../machines/turn/resend.ts'
export type { TurnOutcome, TurnResult } from '../machines/turn/types.ts'
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
export type { RequestBody } from './client/request/request-body.ts'
export type { RequestTurnOptions } from './client/request/requests.ts'
export type { Conversation } from './client/conversation/conversation.ts'
export type { ConversationInput, HistoryItem } from './client/conversation/history.ts'
export type {
  AbortOptions,
  ConversationOptions,
  RequestSettings,
  RespondOptions,
} from './client/conversation/options.ts'
export type { OpenCall } from './client/conversation/calls.ts'
export type { Run, RunEvent, RunOptions, RunResult } from './client/conversation/run.ts'
export { OutputError } from './client/conversation/output-error.ts'
export type { SavedConversation } from './client/conversation/saved.ts'
export type { Steer, SteerResult, SteerState } from './client/conversation/steer.ts'
export type { OutputSchema } from './client/conversation/structured-output.ts'
export { TurnError } from './client/conversation/turn-error.ts'
export type { Turn } from './client/conversation/turn.ts'
export { type RestoreRule, makeSafe } from './client/make-safe.ts'
export {
  type OpenAIWebSocketCloseInfo,
  type OpenAIWebSocketConnectionState,
  OpenAIWebSocketManager,
  type OpenAIWebSocketManagerOptions,
} from './client/manager.ts'
export type { ConnectionOptions } from './client/options.ts'
export {
  type AnyTool,
  type RunToolCallsOptions,
  type Tool,
  type ToolCallOutput,
  type ToolContext,
  type ToolEvent,
  defineTool,
  runToolCalls,
  toolDefinitions,
} from './client/tools/index.ts'
export { HttpStatusError } from './http/errors.ts'
export type {
  ClientEvent,
  ResponseCreateEvent,
  ResponseSteerEvent,
  SteerMessage,
  WarmUpEvent,
} from './protocol/client-events.ts'
export type {
  ContentPart,
  InputFile,
  InputImage,
  InputText,
  OutputText,
  Refusal,
} from './protocol/content-parts.ts'
export { getOpenAIWebSocketErrorDetails, type OpenAIWebSocketErrorDetails } from './protocol/error-details.ts'
export { type SealedInput, sealOptions } from './protocol/options/seal.ts'
export { BadOptionError, HoldlineError, type HoldlineErrorCode, isHoldlineError } from './protocol/errors.ts'
export type { InputItem, InputMessage, ItemReference } from './protocol/input-items.ts'
export type { ReasoningOptions, TextOptions } from './protocol/model-options.ts'
export type {
  BuiltInToolCallItem,
  CompactionItem,
  CustomToolCallItem,
  FunctionCallItem,
  McpApprovalRequestItem,
  OpenAIResponsesAssistantPhase,
  OutputItem,
  OutputMessage,
  ReasoningItem,
  ToolSearchCallItem,
} from './protocol/output-items.ts'
export { azure, openai, type ProviderProfile, vercel, xai } from './protocol/providers.ts'
export type { ResponseObject, ResponseStatus, TurnResponse, UsageInfo } from './protocol/response-object.ts'
export type {
  ConnectionInput,
  EndpointOptions,
  RequestOptions,
} from './protocol/options/connection-options.ts'
export { type ApiKey, type Credential, type CredentialRequest, Secret } from './protocol/secret.ts'
export type {
  ErrorEvent,
  OpenAIWebSocketEvent,
  ServerEvent,
  ServerEventOf,
  TerminalEvent,
  UnknownServerEvent,
} from './protocol/server-events/index.ts'
export type {
  CustomToolCallOutput,
  FunctionCallOutput,
  McpApprovalResponse,
  ToolOutput,
} from './protocol/tool-outputs.ts'
export type { FunctionToolDefinition, ToolChoice, ToolDefinition } from './protocol/tools.ts'
export type { AuthOptions, ProxyOptions, TlsOptions } from './protocol/transport.ts'
export {
  type FrameNote,
  type SocketActorOptions,
  type SocketFactory,
  createSocketActor,
} from './socket/index.ts'

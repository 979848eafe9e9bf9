import { TurnError } from '../../client/conversation/turn-error.ts'
import type {
  Conversation,
  ConversationInput,
  ResponsesConnection,
  RunResult,
  Steer,
  ToolEvent,
  Turn,
} from '../../index.ts'
import { canSteer, openai } from '../../protocol/index.ts'

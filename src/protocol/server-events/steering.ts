import type { EventBase } from './event-base.ts'

interface SteerReference {
  /** `steer_` and 32 hexadecimal digits. */
  readonly id: string
  /** The response that was to be steered. */
  readonly previous_response_id: string
}

/** The server owns the input now. Never send it again while it is queued. */
export interface ResponseSteerAcceptedEvent extends EventBase {
  readonly type: 'response.steer.accepted'
  readonly steer: SteerReference
}

/** What the next `response.create` has to answer before the steer can take effect: stubs without output. */
export interface SteerRequiredInput {
  readonly type:
    | 'function_call_output'
    | 'custom_tool_call_output'
    | 'computer_call_output'
    | 'shell_call_output'
    | 'apply_patch_call_output'
    | 'tool_search_output'
    | 'mcp_approval_response'
    | (string & {})
  readonly call_id?: string | undefined
  readonly name?: string | undefined
  readonly execution?: string | undefined
  readonly approval_request_id?: string | undefined
}

/** Sent at most once for a steer, when the response ended with calls that the client has to answer. */
export interface ResponseSteerPendingEvent extends EventBase {
  readonly type: 'response.steer.pending'
  readonly steer: SteerReference
  readonly reason: 'waiting_for_required_input' | (string & {})
  readonly required_input: readonly SteerRequiredInput[]
}

/** An open set. */
export type SteerErrorCode =
  | 'response_not_found'
  | 'invalid_input'
  | 'steering_not_supported'
  | 'too_many_pending_steers'
  | 'response_already_completed'
  | 'response_not_active'
  | 'successor_creation_failed'
  | (string & {})

/** Ends one steer, not the response. The input comes back. */
export interface ResponseSteerFailedEvent extends EventBase {
  readonly type: 'response.steer.failed'
  readonly steer: {
    /** Absent when the steer was refused before it got one. */
    readonly id?: string | null | undefined
    readonly previous_response_id: string
    /** What was sent, unread. */
    readonly input?: unknown
  }
  readonly error: {
    readonly code: SteerErrorCode
    readonly message?: string | null | undefined
    readonly type?: string | null | undefined
  }
}

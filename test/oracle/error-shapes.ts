import { Buffer } from 'node:buffer'
import { Opcode, encodeFrame } from './frames.ts'
import type { Item } from './records.ts'
import type { ErrorShape, InjectName, RefusalName } from './schedule.ts'

interface Refusal {
  readonly status: number
  readonly code: string | null
  readonly type: string
  readonly param?: string
}

const INVALID = 'invalid_request_error'

/** The codes of the API, with their status. */
export const REFUSALS: Readonly<Record<RefusalName, Refusal>> = {
  'not-found': {
    status: 400,
    code: 'previous_response_not_found',
    type: INVALID,
    param: 'previous_response_id',
  },
  age: { status: 400, code: 'websocket_connection_limit_reached', type: INVALID },
  'rate-limit': { status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' },
  overloaded: { status: 503, code: 'server_is_overloaded', type: 'server_error' },
  'server-error': { status: 500, code: 'server_error', type: 'server_error' },
  unauthorized: { status: 401, code: 'invalid_api_key', type: 'authentication_error' },
  quota: { status: 429, code: 'insufficient_quota', type: 'insufficient_quota' },
  'context-length': { status: 400, code: 'context_length_exceeded', type: INVALID },
  'bad-request': { status: 400, code: null, type: INVALID },
}

/** An `error` frame, in one of the forms in which servers write it. */
export function errorFrame(name: RefusalName, shape: ErrorShape): Item {
  const { status, code, type, param = null } = REFUSALS[name]
  const message = `refused: ${name}`
  switch (shape) {
    case 'flat':
      return { type: 'error', code, message, param, sequence_number: 3 }
    case 'detail':
      return { type: 'error', status, error: { detail: message } }
    case 'untyped':
      return { status, error: { type, code, message, param } }
    case 'bare':
      return { type: 'error' }
    case 'text':
      return { type: 'error', status, error: message }
    case 'numbers':
      return {
        type: 'error',
        status: String(status),
        error: { type: 5, code: 400, message: null, param: [] },
      }
    case 'headers':
      return {
        type: 'error',
        status_code: status,
        headers: { 'retry-after-ms': 250 },
        error: { type, code, message, param, headers: { 'x-request-id': 'r' } },
      }
    default:
      return { type: 'error', status, error: { type, code, message, param } }
  }
}

const text = (value: string): Buffer => encodeFrame(Opcode.text, Buffer.from(value))
const event = (value: unknown): Buffer => text(JSON.stringify(value))

/** What does not belong into a stream, as the bytes of one frame. */
export function injection(name: InjectName, label: string | null): Buffer {
  const lane = label === null ? {} : { stream_id: label }
  switch (name) {
    case 'keepalive':
      return event({ type: 'keepalive', sequence_number: 9, ...lane })
    case 'unknown-type':
      return event({ type: 'response.apply_patch_call_operation_diff.delta', delta: 'x', ...lane })
    case 'rate-limits':
      return event({ type: 'rate_limits.updated', rate_limits: [], ...lane })
    case 'ping':
      return encodeFrame(Opcode.ping, Buffer.from('still there'))
    case 'broken-json':
      return text('{"type":"response.output_text.delta","delta":')
    case 'binary':
      return encodeFrame(Opcode.binary, Buffer.from('{"type":"keepalive"}'))
    case 'no-type':
      return event({ delta: 'x', ...lane })
    case 'null':
      return text('null')
    case 'item-without-item':
      return event({ type: 'response.output_item.done', output_index: 7, ...lane })
    case 'item-null':
      return event({ type: 'response.output_item.done', output_index: 8, item: null, ...lane })
    case 'delta-without-fields':
      return event({ type: 'response.output_text.delta', ...lane })
    case 'unknown-steer':
      return event({ type: 'response.steer.considered', steer: 4, ...lane })
    case 'prototype':
      return text(
        '{"type":"response.output_item.done","output_index":"__proto__","item":{"__proto__":{"type":"x"}}}',
      )
    case 'bad-utf8':
      return encodeFrame(Opcode.text, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
    case 'reserved-bits':
      return Buffer.from([0xf1, 0x02, 0x7b, 0x7d])
    case 'masked':
      return Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x7a, 0x7f])
    default:
      return event({ type: 'connection.lost', ...lane })
  }
}

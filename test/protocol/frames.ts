/** One valid frame of each event that can change a state, as the wire has it. */
export const controlFrames = {
  'response.queued': { type: 'response.queued', response: { id: 'resp_1', output: [] } },
  'response.created': {
    type: 'response.created',
    sequence_number: 0,
    response: {
      id: 'resp_1',
      object: 'response',
      created_at: 1_780_000_000,
      status: 'in_progress',
      model: 'm',
      output: [],
      error: null,
      incomplete_details: null,
    },
  },
  'response.in_progress': {
    type: 'response.in_progress',
    sequence_number: 1,
    response: { id: 'resp_1', status: 'in_progress', output: [] },
  },
  'response.completed': {
    type: 'response.completed',
    sequence_number: 8,
    stream_id: 'main',
    response: {
      id: 'resp_1',
      status: 'completed',
      store: true,
      previous_response_id: 'resp_0',
      output: [{ type: 'message', id: 'msg_1', role: 'assistant', content: [] }],
      usage: {
        input_tokens: 5,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 1,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 6,
      },
    },
  },
  'response.incomplete': {
    type: 'response.incomplete',
    sequence_number: 8,
    response: { id: 'resp_1', output: [], incomplete_details: { reason: 'steered' } },
  },
  'response.failed': {
    type: 'response.failed',
    sequence_number: 8,
    response: { id: 'resp_1', output: [], error: { code: 'server_error', message: 'broken' } },
  },
  'response.done': { type: 'response.done', response: { id: 'resp_1', status: 'completed', output: [] } },
  'response.error': { type: 'response.error', error: { code: 'server_error', message: 'broken' } },
  error: {
    type: 'error',
    status: 400,
    error: {
      type: 'invalid_request_error',
      code: 'previous_response_not_found',
      message: 'gone',
      param: 'previous_response_id',
      headers: { 'x-request-id': 'req_1' },
    },
    headers: { 'retry-after': 3 },
  },
  'response.steer.accepted': {
    type: 'response.steer.accepted',
    sequence_number: 4,
    steer: { id: 'steer_1', previous_response_id: 'resp_1' },
  },
  'response.steer.pending': {
    type: 'response.steer.pending',
    sequence_number: 4,
    reason: 'waiting_for_required_input',
    steer: { id: 'steer_1', previous_response_id: 'resp_1' },
    required_input: [
      { type: 'function_call_output', call_id: 'call_1', name: 'f' },
      { type: 'mcp_approval_response', approval_request_id: 'mcpr_1' },
    ],
  },
  'response.steer.failed': {
    type: 'response.steer.failed',
    sequence_number: 4,
    steer: { previous_response_id: 'resp_1', input: 'shorter' },
    error: { code: 'response_not_found', message: 'gone', type: 'invalid_request_error' },
  },
}

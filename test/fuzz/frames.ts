import fc from 'fast-check'

type Value = Record<string, unknown>

const item = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'look',
  arguments: '{"at":"sea"}',
  status: 'completed',
}
const message = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'a', annotations: [] }],
}
const response = {
  id: 'resp_1',
  status: 'completed',
  output: [message, item],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  error: null,
  incomplete_details: null,
  store: false,
}
const about = { item_id: 'msg_1', output_index: 0, content_index: 0 }
const steer = { id: 'steer_1', previous_response_id: 'resp_1' }

/** Types of the dossier's list whose events have no more than an item's place and a piece of it. */
const PIECES = `output_text refusal reasoning_text reasoning_summary_text function_call_arguments
custom_tool_call_input mcp_call_arguments code_interpreter_call_code audio audio.transcript
shell_call_command shell_call_output_content apply_patch_call_operation_diff`.split(/\s+/)
const PROGRESS = `web_search_call.searching file_search_call.completed code_interpreter_call.interpreting
image_generation_call.partial_image mcp_call.failed mcp_list_tools.in_progress compaction.compacting
content_part.added content_part.done reasoning_summary_part.added output_text.annotation.added`.split(/\s+/)

/** One good event of each kind: what a fuzzer breaks. Written from the protocol's description, not from the client's types. */
const EVENTS: readonly Value[] = [
  ...['queued', 'created', 'in_progress'].map((name) => ({
    type: `response.${name}`,
    sequence_number: 0,
    response: { ...response, status: 'in_progress', output: [] },
  })),
  ...['completed', 'incomplete', 'failed', 'done', 'error'].map((name) => ({
    type: `response.${name}`,
    response,
  })),
  { type: 'response.incomplete', response: { ...response, incomplete_details: { reason: 'steered' } } },
  {
    type: 'error',
    status: 500,
    error: { type: 'server_error', code: 'server_error', message: 'm', param: null },
  },
  {
    type: 'error',
    status: 400,
    error: { code: 'previous_response_not_found', message: 'm', param: 'stream_id' },
  },
  { type: 'error', code: 'rate_limit_exceeded', message: 'try again in 1s', headers: { 'retry-after': 1 } },
  { error: { message: 'm', type: 'api_error' } },
  { type: 'response.output_item.added', output_index: 0, item },
  { type: 'response.output_item.done', output_index: 0, item },
  { type: 'response.output_item.done', output_index: 1, item: message },
  ...PIECES.flatMap((name) => [
    { type: `response.${name}.delta`, delta: 'a', ...about },
    { type: `response.${name}.done`, text: 'a', arguments: '{}', ...about },
  ]),
  ...PROGRESS.map((name) => ({
    type: `response.${name}`,
    part: { type: 'output_text', text: 'a' },
    ...about,
  })),
  { type: 'response.steer.accepted', steer },
  { type: 'response.steer.pending', steer, reason: 'waiting_for_required_input', required_input: [item] },
  { type: 'response.steer.failed', steer, error: { code: 'invalid_input', message: 'm' } },
  { type: 'response.steer.progress', note: 1 },
  { type: 'keepalive', sequence_number: 3 },
  { type: 'codex.rate_limits', rate_limits: {} },
  { type: 'response.metadata', response: { id: 'resp_1' } },
  { type: 'response.brand_new', response: { id: 'resp_2' }, anything: [1] },
  { type: 'connection.lost', connectionId: 1 },
  { type: 'turn.ended', outcome: 'completed' },
]

/** Deeper than what can be written again. */
const DEEP = `${'['.repeat(8_000)}${']'.repeat(8_000)}`

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, '', 'x', '__proto__', [], {}, [null], [[]], {
    id: 7,
  }),
  fc.constantFrom<unknown>(
    'resp_1',
    'resp_2',
    'resp_3',
    'lane-1',
    'error',
    'response.completed',
    'steered',
    'x'.repeat(2_000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** Where to break an event, and with what; `undefined` takes the field away. */
const breakage = fc.record({
  steps: fc.array(fc.nat(64), { minLength: 1, maxLength: 6 }),
  by: fc.option(odd, { nil: undefined }),
})

const labels = fc.record(
  {
    stream_id: fc.constantFrom<unknown>('lane-1', 'lane-1', 'lane-2', null, '', 7, 'x'.repeat(300)),
    id: fc.constantFrom('resp_1', 'resp_2', 'resp_3', 'resp_4'),
  },
  { requiredKeys: [] },
)

const spelling = fc.oneof(
  { weight: 50, arbitrary: fc.constant('whole') },
  { weight: 6, arbitrary: fc.constantFrom('cut', 'twice', 'garbage') },
  { weight: 1, arbitrary: fc.constant('deep') },
)

/** The text of a frame that something is wrong with, or nothing. */
const frameText: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...EVENTS), fc.array(breakage, { maxLength: 2 }), labels, spelling)
  .map(([event, breakages, { stream_id, id }, how]) => {
    let value: Value = structuredClone(event)
    if (id !== undefined && value['response'] !== undefined)
      value = { ...value, response: { ...structuredClone(response), id } }
    for (const one of breakages) breakAt(value, one)
    if (stream_id !== undefined) value['stream_id'] = stream_id
    return spelled(JSON.stringify(value), how)
  })

function breakAt(
  value: Value,
  { steps, by }: { readonly steps: readonly number[]; readonly by: unknown },
): void {
  let at = value
  for (const [depth, step] of steps.entries()) {
    const keys = Object.keys(at)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) return
    const below = at[key]
    if (depth < steps.length - 1 && typeof below === 'object' && below !== null) at = below as Value
    else if (by === undefined) return void delete at[key]
    else return void (at[key] = structuredClone(by))
  }
}

function spelled(text: string, how: string): string {
  switch (how) {
    case 'cut':
      return text.slice(0, Math.ceil(text.length / 2))
    case 'twice':
      return text.replace('{', '{"type":"response.completed","response":{"id":"resp_1"},')
    case 'deep':
      return text.replace(/"(arguments|text|delta|at)":"[^"]*"/, (_, name: string) => `"${name}":${DEEP}`)
    case 'garbage':
      return text.replaceAll('"', "'")
    default:
      return text
  }
}

/** So many texts of frames, the same for the same seed. */
export function frameTexts(count: number, seed: number): string[] {
  return fc.sample(frameText, { numRuns: count, seed })
}

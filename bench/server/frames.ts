// Frames as a real endpoint words them. Deltas are written once; what has an id is written for each response.

let responses = 0

export interface ResponseFrames {
  readonly created: string
  readonly done: readonly string[]
}

/** The frames around the deltas of one response, which has a message or a tool call as its output. */
export function responseFrames(streamId: string | undefined, isCall: boolean): ResponseFrames {
  responses += 1
  const id = `resp_${String(responses).padStart(32, '0')}`
  const lane = streamId === undefined ? {} : { stream_id: streamId }
  const item = isCall
    ? {
        type: 'function_call',
        id: `fc_${responses}`,
        call_id: `call_${responses}`,
        name: 'read_file',
        arguments: '{"path":"src/index.ts"}',
        status: 'completed',
      }
    : {
        type: 'message',
        id: `msg_${responses}`,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Done.', annotations: [], logprobs: [] }],
      }
  const about = { id, object: 'response', created_at: 1_790_000_000, model: 'm', store: false }
  const response = { ...about, status: 'in_progress', output: [] }
  const usage = { input_tokens: 9, output_tokens: 9, total_tokens: 18 }
  return {
    created: JSON.stringify({ type: 'response.created', sequence_number: 0, response, ...lane }),
    done: [
      JSON.stringify({
        type: 'response.output_item.done',
        sequence_number: 1,
        output_index: 0,
        item,
        ...lane,
      }),
      JSON.stringify({
        type: 'response.completed',
        sequence_number: 2,
        response: { ...response, status: 'completed', output: [item], usage },
        ...lane,
      }),
    ],
  }
}

const deltas = new Map<string, string>()

/** A delta frame of this size in bytes. */
export function deltaFrame(bytes: number, streamId: string | undefined): string {
  const key = `${bytes} ${streamId ?? ''}`
  const known = deltas.get(key)
  if (known !== undefined) return known
  const text = JSON.stringify({
    type: 'response.output_text.delta',
    item_id: 'msg_0123456789abcdef0123456789abcdef',
    output_index: 0,
    content_index: 0,
    delta: '',
    logprobs: [],
    sequence_number: 100_000,
    ...(streamId !== undefined && { stream_id: streamId }),
  })
  const frame = text.replace('"delta":""', `"delta":"${'x'.repeat(Math.max(1, bytes - text.length))}"`)
  deltas.set(key, frame)
  return frame
}

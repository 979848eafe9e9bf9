import { tokensOf } from './model.ts'
import type { ModelRequest } from './request.ts'
import type { Item } from './wire.ts'

/** The settings of a request that a response repeats, and what it says where they are absent. */
const echoed: Readonly<Record<string, unknown>> = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

/** The `response` object of one run, in each of its stages. */
export class ResponseObject {
  readonly id: string
  readonly #base: Readonly<Record<string, unknown>>
  readonly #request: ModelRequest

  constructor(id: string, request: ModelRequest, nowMs: number) {
    this.id = id
    this.#request = request
    const settings = Object.entries(echoed).map(([name, absent]) => [name, request.body[name] ?? absent])
    this.#base = {
      id,
      object: 'response',
      created_at: Math.floor(nowMs / 1000),
      model: request.model,
      previous_response_id: request.previousResponseId,
      store: request.store,
      ...Object.fromEntries(settings),
    }
  }

  started(): Item {
    return {
      ...this.#base,
      status: 'in_progress',
      output: [],
      error: null,
      incomplete_details: null,
      usage: null,
    }
  }

  completed(output: readonly Item[], nowMs: number): Item {
    return { ...this.#ended(output, 'completed'), completed_at: Math.floor(nowMs / 1000) }
  }

  incomplete(output: readonly Item[], reason: string): Item {
    return { ...this.#ended(output, 'incomplete'), incomplete_details: { reason } }
  }

  failed(output: readonly Item[], error: { code: string; message: string }): Item {
    return { ...this.#ended(output, 'failed'), error }
  }

  #ended(output: readonly Item[], status: string): Item {
    const base = { ...this.#base, status, output, error: null, incomplete_details: null }
    return { ...base, usage: usageOf(this.#request, output) }
  }
}

/** Token counts in the form of the wire; what came through the parent counts as cached. */
export function usageOf(request: Pick<ModelRequest, 'context' | 'input'>, output: readonly Item[]): Item {
  const input_tokens = tokensOf(request.context)
  const output_tokens = output.length === 0 ? 0 : tokensOf(output)
  const reasoning = output.filter((item) => item['type'] === 'reasoning')
  return {
    input_tokens,
    input_tokens_details: {
      cached_tokens: Math.max(0, input_tokens - tokensOf(request.input)),
      cache_write_tokens: 0,
    },
    output_tokens,
    output_tokens_details: { reasoning_tokens: reasoning.length === 0 ? 0 : tokensOf(reasoning) },
    total_tokens: input_tokens + output_tokens,
  }
}

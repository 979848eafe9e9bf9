import { describe, expect, it } from 'vitest'
import { pendingCalls } from '../../../src/client/tools/index.ts'
import type { OutputItem } from '../../../src/protocol/index.ts'
import { callOf } from './harness.ts'

const found = (...items: unknown[]) => pendingCalls({ output: items as OutputItem[], status: 'completed' })

const MESSAGE = { type: 'message', id: 'msg_1', role: 'assistant', content: [] }

describe('pendingCalls', () => {
  it('finds the function calls among the other items, in order, as they came', () => {
    const calls = [callOf('b'), callOf('a')]
    expect(found(MESSAGE, calls[0], { type: 'reasoning', id: 'rs_1' }, calls[1])).toEqual({
      calls,
      unserved: [],
    })
  })

  it.each([
    { type: 'custom_tool_call', call_id: 'c1', name: 'grep', input: 'x' },
    { type: 'computer_call', id: 'cu_1', call_id: 'c1' },
    { type: 'local_shell_call', id: 'ls_1', call_id: 'c1' },
    { type: 'apply_patch_call', id: 'ap_1', call_id: 'c1' },
    { type: 'shell_call', id: 'sh_1', call_id: 'c1', environment: { type: 'local' } },
    { type: 'shell_call', id: 'sh_1', call_id: 'c1', environment: null },
    { type: 'tool_search_call', id: 'ts_1', call_id: 'c1', execution: 'client' },
    { type: 'mcp_approval_request', id: 'mcpr_1', name: 'n', arguments: '{}', server_label: 's' },
    { type: 'function_call', name: 'a', arguments: '{}' },
    { type: 'function_call', call_id: '', name: 'a', arguments: '{}' },
    { type: 'function_call', call_id: 'c1', arguments: '{}' },
  ])('leaves to the application: %o', (item) => {
    expect(found(item, callOf('a'))).toEqual({ calls: [callOf('a')], unserved: [item] })
  })

  it.each([
    [MESSAGE],
    [{ type: 'web_search_call', id: 'ws_1' }],
    [{ type: 'mcp_call', id: 'mcp_1', call_id: 'c1' }],
    [{ type: 'tool_search_call', id: 'ts_1', call_id: null, execution: 'server' }],
    [{ type: 'shell_call', id: 'sh_1', call_id: 'c1', environment: { type: 'container_reference' } }],
    [{ type: 'brand_new_call', call_id: 'c1' }],
    [callOf('a', {}, 'c1'), { type: 'function_call_output', call_id: 'c1', output: '' }],
    [
      { type: 'mcp_approval_request', id: 'mcpr_1' },
      { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
    ],
  ])('sees no work in %o', (...items) => {
    expect(found(...items)).toEqual({ calls: [], unserved: [] })
  })

  it('keeps a call that no output of the same response answers', () => {
    const other = { type: 'function_call_output', call_id: 'c2', output: '' }
    expect(found(callOf('a', {}, 'c1'), other).calls).toHaveLength(1)
  })

  it.each(['incomplete', 'failed', 'cancelled', 'in_progress'])('gives nothing to run when %s', (status) => {
    expect(pendingCalls({ output: [callOf('a')], status })).toEqual({ calls: [], unserved: [] })
  })

  it.each([null, undefined])('takes a response without a status (%o) for completed', (status) => {
    expect(pendingCalls({ output: [callOf('a')], status }).calls).toHaveLength(1)
  })
})

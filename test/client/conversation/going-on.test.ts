import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ConversationOptions } from '../../../src/client/conversation/options.ts'
import type { RunEvent } from '../../../src/client/conversation/run.ts'
import type { SavedConversation } from '../../../src/client/conversation/saved.ts'
import { defineTool, type ToolPlan } from '../../../src/client/tools/define-tool.ts'
import type { ServerOptions, Turn } from '../../../src/testing/index.ts'
import { rest, talk as talkInMemory } from './harness.ts'

const CALL = { calls: [{ name: 'pay', arguments: {} }] }

async function talk(turns: ServerOptions['turns'], options: Partial<ConversationOptions> = {}) {
  const talking = await talkInMemory({
    server: { turns: turns ?? [], default: { text: 'ok' } },
    conversation: options,
  })
  return {
    ...talking,
    /** Moves the clock until the promise settles. */
    settled: async <Value>(promise: PromiseLike<Value>): Promise<Value | Error> => {
      const ends: (Value | Error)[] = []
      promise.then(
        (value) => ends.push(value),
        (error: unknown) => ends.push(error as Error),
      )
      for (let step = 0; ends.length === 0 && step < 100; step += 1) {
        await rest()
        if (ends.length === 0) await talking.clock.next()
      }
      if (ends.length === 0) throw new Error('it does not settle')
      return ends[0] as Value | Error
    },
  }
}

/** A tool that counts how often it ran. */
function payer(plan: Partial<ToolPlan<v.GenericSchema>> = {}) {
  const paid: string[] = []
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    schema: v.object({}),
    execute: (_, { callId }) => {
      paid.push(callId)
      return `receipt ${paid.length}`
    },
    ...plan,
  })
  return { pay, paid }
}

/** A promise that is settled by hand. */
function deferred<Value>() {
  let resolve: ((value: Value) => void) | undefined
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve: (value: Value) => resolve?.(value) }
}

const copy = (saved: SavedConversation) => JSON.parse(JSON.stringify(saved)) as SavedConversation
const outputsIn = (items: readonly unknown[]) =>
  items.filter((item) => String((item as { type?: string }).type).endsWith('_output'))
const states = ({ openCalls }: Conversation) => openCalls.map(({ state }) => state)

describe('what a tool gave', () => {
  it.each<[string, Turn]>([
    ['lost', { text: 'abc', faults: [{ at: 'delta', do: 'terminate' }] }],
    ['refused', { error: { status: 400, code: 'invalid_prompt', message: 'no' } }],
    ['failed', { text: 'abc', failed: { code: 'server_error', message: 'no' } }],
  ])('is kept when the turn that carries it is %s, and a run goes on from it', async (_, fault) => {
    const { pay, paid } = payer()
    const { conversation, settled, creates } = await talk([CALL, fault, { text: 'fine' }], {
      tools: [pay],
      replay: 'never',
    })
    expect(await settled(conversation.run('pay'))).toBeInstanceOf(Error)
    expect(conversation.openCalls).toMatchObject([{ state: 'answered', output: { output: 'receipt 1' } }])
    expect(JSON.stringify(conversation.save())).toContain('receipt 1')
    expect(await settled(conversation.run())).toMatchObject({ text: 'fine', turns: 1 })
    expect(outputsIn(creates().at(-1)?.['input'] as unknown[])).toHaveLength(1)
    expect(conversation.openCalls).toEqual([])
    expect(paid).toHaveLength(1)
  })

  it('goes with a new message, after a restart too', async () => {
    const { pay, paid } = payer()
    const options = { model: 'gpt-6-astra', tools: [pay] }
    const { conversation, connection, settled, creates } = await talk(
      [CALL, { text: 'abc', faults: [{ at: 'delta', do: 'terminate' }] }],
      options,
    )
    await settled(conversation.run('pay'))
    const again = connection.restore(copy(conversation.save()), options)
    expect(again.id).toBe(conversation.id)
    expect(states(again)).toEqual(['answered'])
    expect(await settled(again.run('are you there?'))).toMatchObject({ text: 'ok' })
    expect(creates().at(-1)?.['input']).toMatchObject([
      { role: 'user' },
      { type: 'function_call' },
      { output: 'receipt 1' },
      { content: 'are you there?' },
    ])
    expect(paid).toHaveLength(1)
  })

  it('that comes after the run was aborted is the output, while nobody has said anything else', async () => {
    const work = deferred<string>()
    const { pay, paid } = payer({
      execute: (_, { callId }) => {
        paid.push(callId)
        return work.promise
      },
    })
    const { conversation, settled } = await talk([CALL, { text: 'fine' }], { tools: [pay] })
    const abort = new AbortController()
    const run = conversation.run('pay', { signal: abort.signal })
    await rest()
    abort.abort(new Error('esc'))
    expect(await settled(run)).toMatchObject({ message: 'esc' })
    expect(states(conversation)).toEqual(['running'])
    work.resolve('receipt 1')
    await rest()
    expect(conversation.openCalls).toMatchObject([{ state: 'answered', output: { output: 'receipt 1' } }])
    expect(await settled(conversation.run())).toMatchObject({ text: 'fine' })
    expect(paid).toHaveLength(1)
  })

  it('is answered as interrupted when its tool was running in a process that is gone', async () => {
    const { pay, paid } = payer()
    const options = { model: 'gpt-6-astra', tools: [pay] }
    const { conversation, connection, settled, creates } = await talk([CALL, CALL, { text: 'fine' }], options)
    let saved: SavedConversation | undefined
    const run = conversation.run('pay', {
      onTool: ({ type }) => {
        if (type === 'tool.started') saved ??= copy(conversation.save())
      },
      maxRounds: 1,
    })
    await settled(run)
    // Nothing has started: the limit came first.
    expect(saved).toBeUndefined()
    await settled(
      conversation.run(undefined, {
        onTool: ({ type }) => {
          if (type === 'tool.started') saved ??= copy(conversation.save())
        },
        maxRounds: 1,
      }),
    )
    const again = connection.restore(saved as SavedConversation, options)
    expect(states(again)).toEqual(['interrupted'])
    expect(await settled(again.run())).toMatchObject({ text: 'fine' })
    expect(JSON.stringify(outputsIn(creates().at(-1)?.['input'] as unknown[]))).toContain('interrupted')
    expect(paid).toHaveLength(1)
  })

  it('is kept when a callback throws, which ends the run with what it threw', async () => {
    const { pay, paid } = payer()
    const { conversation, settled } = await talk([CALL, { text: 'fine' }], { tools: [pay] })
    const broken = new Error('broken callback')
    const throwing = (when: string) => ({
      onTool: ({ type }: { type: string }) => {
        if (type === when) throw broken
      },
    })
    expect(await settled(conversation.run('pay', throwing('tool.started')))).toBe(broken)
    expect([states(conversation), paid]).toEqual([['open'], []])
    expect(await settled(conversation.run(undefined, throwing('tool.finished')))).toBe(broken)
    expect([states(conversation), paid.length]).toEqual([['answered'], 1])
    expect(await settled(conversation.run())).toMatchObject({ text: 'fine' })
    expect(paid).toHaveLength(1)
  })

  it('can be replaced until the model has answered it: an image that the server refuses', async () => {
    const image = [{ type: 'input_image', image_url: 'data:image/png;base64,x' }]
    const { pay } = payer({ execute: () => image })
    const { conversation, settled } = await talk(
      [CALL, { error: { status: 400, code: 'invalid_image', message: 'no image' } }, { text: 'fine' }],
      { tools: [pay] },
    )
    await settled(conversation.run('pay'))
    const [call] = conversation.openCalls
    conversation.answer({ type: 'function_call_output', call_id: String(call?.callId), output: 'no image' })
    expect(outputsIn(conversation.history)).toMatchObject([{ output: 'no image' }])
    expect(await settled(conversation.run())).toMatchObject({ text: 'fine' })
  })
})

describe('calls that are open', () => {
  it('are answered as not run by a new message, of whatever kind they are', async () => {
    const items = [
      { type: 'function_call', id: 'a', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call', id: 'b', call_id: 'b', name: 'f', input: '' },
      { type: 'shell_call', id: 'c', call_id: 'c', action: {}, environment: { type: 'local' } },
      { type: 'local_shell_call', id: 'd', call_id: 'd', action: {} },
      { type: 'apply_patch_call', id: 'e', call_id: 'e', operation: {} },
      { type: 'tool_search_call', id: 'f', call_id: 'f', execution: 'client', arguments: {} },
      { type: 'mcp_approval_request', id: 'g', name: 'n', arguments: '{}', server_label: 's' },
      { type: 'reasoning', id: 'rs', summary: [] },
      { type: 'computer_call', id: 'h', call_id: 'h', action: {} },
    ]
    const { conversation, ask, creates } = await talk([
      { output: items.map((item) => ({ type: 'raw' as const, item })) },
    ])
    await ask('go')
    expect(conversation.openCalls.map(({ callId }) => callId)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g',
      'h',
    ])
    expect((await ask('never mind')).text).toBe('ok')
    const input = creates().at(-1)?.['input'] as { type?: string }[]
    expect(outputsIn(input)).toHaveLength(6)
    expect(input).toContainEqual(expect.objectContaining({ type: 'mcp_approval_response', approve: false }))
    // A screenshot cannot be made up: the call is taken out, and what led to it.
    expect(JSON.stringify(conversation.history)).not.toMatch(/computer_call|reasoning/)
  })

  it('refuse a new message where that is asked for', async () => {
    const { conversation, ask } = await talk([CALL], { onOpenCalls: 'refuse' })
    await ask('go')
    expect(() => conversation.respond('x')).toThrow(expect.objectContaining({ code: 'ERR_BAD_INPUT' }))
  })

  it('that are async hold nothing up, and their output comes with a later turn', async () => {
    const item = {
      id: 'fc',
      type: 'function_call',
      call_id: 'c1',
      name: 'slow',
      arguments: '{}',
      async: true,
    }
    const { conversation, ask, creates } = await talk([{ output: [{ type: 'raw', item }] }])
    await ask('start')
    await ask('meanwhile')
    conversation.answer({ type: 'function_call_output', call_id: 'c1', output: 'done' })
    await ask('and?')
    expect(creates().at(-1)?.['input']).toMatchObject([{ output: 'done' }, { content: 'and?' }])
    expect(conversation.openCalls).toEqual([])
  })

  it('of async tools go on behind the run, which waits for nothing', async () => {
    const work = deferred<string>()
    const { pay, paid } = payer({
      async: true,
      execute: (_, { callId }) => {
        paid.push(callId)
        return work.promise
      },
    })
    const item = { id: 'fc', type: 'function_call', call_id: 'c1', name: 'pay', arguments: '{}', async: true }
    const { conversation, settled } = await talk(
      [{ output: [{ type: 'raw', item }] }, { text: 'meanwhile' }, { text: 'paid' }],
      { tools: [pay] },
    )
    expect(await settled(conversation.run('start'))).toMatchObject({
      status: 'completed',
      openCalls: [{ state: 'running', isAsync: true }],
    })
    expect(await settled(conversation.run('talk'))).toMatchObject({ text: 'meanwhile' })
    const run = conversation.run()
    await rest()
    work.resolve('receipt')
    expect(await settled(run)).toMatchObject({ text: 'paid', openCalls: [] })
    expect(paid).toEqual(['c1'])
  })
})

describe('approval', () => {
  it('ends the run as paused, and goes on in another process when it was given', async () => {
    const { pay, paid } = payer({ needsApproval: true })
    const options = { model: 'gpt-6-astra', tools: [pay] }
    const { conversation, connection, settled } = await talk([CALL, { text: 'fine' }], options)
    const paused = await settled(conversation.run('pay'))
    expect(paused).toMatchObject({ status: 'paused', turns: 1, openCalls: [{ state: 'needs-approval' }] })
    const again = connection.restore(copy(conversation.save()), options)
    expect(await settled(again.run())).toMatchObject({ status: 'paused', response: null })
    again.approve(String(again.openCalls[0]?.callId))
    expect(await settled(again.run())).toMatchObject({ status: 'completed', text: 'fine' })
    expect(paid).toHaveLength(1)
  })

  it('that is refused tells the model why, and runs nothing', async () => {
    const { pay, paid } = payer({ needsApproval: () => true })
    const { conversation, settled, creates } = await talk([CALL, { text: 'fine' }], { tools: [pay] })
    await settled(conversation.run('pay'))
    conversation.refuse(String(conversation.openCalls[0]?.callId), 'Too dear.')
    expect(await settled(conversation.run())).toMatchObject({ text: 'fine' })
    expect(JSON.stringify(creates().at(-1)?.['input'])).toContain('Too dear.')
    expect(paid).toEqual([])
  })
})

describe('a run that is read', () => {
  it('gives the events of all turns and tools in their order, and its result', async () => {
    const { pay } = payer()
    const { conversation, settled } = await talk([CALL, { text: 'fine' }], { tools: [pay] })
    const run = conversation.run('pay')
    const seen: string[] = []
    const reading = (async () => {
      for await (const event of run) {
        if (/^(turn|tool)\.|completed$/.test(event.type)) seen.push(event.type)
      }
    })()
    await settled(run)
    await reading
    expect(seen).toEqual([
      'turn.started',
      'response.completed',
      'tool.started',
      'tool.finished',
      'turn.started',
      'response.completed',
    ])
  })

  it('throws the failure after the last event, and is cancelled when its reader leaves', async () => {
    const { conversation, settled } = await talk([
      { text: 'abc', faults: [{ at: 'delta', do: 'terminate' }] },
      { text: 'long', faults: [{ at: 'delta', do: 'delay', ms: 1_000 }] },
    ])
    const events: RunEvent[] = []
    const read = async (until: (event: RunEvent) => boolean = () => false): Promise<void> => {
      for await (const event of conversation.run('go')) {
        events.push(event)
        if (until(event)) break
      }
    }
    expect(await settled(read())).toMatchObject({ code: 'ERR_TURN_LOST' })
    await settled(read(({ type }) => type === 'response.output_text.delta'))
    await rest()
    expect(conversation.turn).toBeNull()
    expect(await settled(conversation.run('again'))).toMatchObject({ text: 'ok' })
  })

  it('refuses another run or turn meanwhile', async () => {
    const { conversation, settled } = await talk([])
    const run = conversation.run('go')
    expect(() => conversation.respond('x')).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }))
    expect(await settled(conversation.run('x'))).toMatchObject({ code: 'ERR_BUSY' })
    await settled(run)
  })
})

describe('where a conversation begins', () => {
  it('is a history, whose last message a run answers', async () => {
    const { connection, settled, creates } = await talk([])
    const conversation = connection.conversation({
      model: 'm',
      id: 'mine',
      history: [{ role: 'user', content: 'hello' }],
    })
    expect(await settled(conversation.run())).toMatchObject({ text: 'ok' })
    expect(creates()[0]?.['input']).toEqual([{ role: 'user', content: 'hello' }])
    expect(conversation.id).toBe('mine')
  })

  it('is a stored response, which every whole history goes on from', async () => {
    const { connection, conversation, settled, server, creates } = await talk([], { store: true })
    const { id } = (await settled(conversation.respond('first').response)) as { id: string }
    const other = connection.conversation({ model: 'gpt-6-astra', from: id })
    await settled(other.run('second'))
    server.dropAll()
    await rest()
    expect(await settled(other.run('third'))).toMatchObject({ text: 'ok' })
    expect(creates().at(-1)).toMatchObject({ previous_response_id: id })
    expect(creates().at(-1)?.['input']).toHaveLength(3)
  })

  it('is what edit has made of it, checked', async () => {
    const { conversation, ask, creates } = await talk([{ text: 'one' }])
    await ask('first')
    conversation.edit((items) => items.slice(0, 1))
    await ask('second')
    expect(creates().at(-1)).not.toHaveProperty('previous_response_id')
    expect(creates().at(-1)?.['input']).toHaveLength(2)
    expect(() =>
      conversation.edit(() => [{ type: 'function_call_output', call_id: 'x', output: '' }]),
    ).toThrow(expect.objectContaining({ path: 'history.0' }))
  })

  it('asks for the reasoning that it needs to send itself again, unless responses are stored', async () => {
    const { connection, ask, creates } = await talk([])
    for (const options of [{}, { store: true }, { include: [] }] as const) {
      await ask('x', connection.conversation({ model: 'm', ...options }))
    }
    expect(creates().map(({ include }) => include)).toEqual([['reasoning.encrypted_content'], undefined, []])
  })
})

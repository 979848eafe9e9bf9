import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  defineTool,
  runToolCalls,
  type Tool,
  type ToolContext,
  type ToolEvent,
} from '../../../src/client/tools/index.ts'
import { BadOptionError, type FunctionCallItem } from '../../../src/protocol/index.ts'
import { settle, SimulatedClock } from '../../../src/testing/index.ts'
import { callOf, DOUBLED_PARAMETERS, doubled, toolOf } from './harness.ts'

const adder = defineTool({
  name: 'add',
  description: 'Adds.',
  schema: v.object({ a: v.number(), b: v.optional(v.number(), 1) }),
  execute: ({ a, b }) => a + b,
})

/** The output of one call to one tool. */
async function outputOf(tool: Tool, args: unknown = {}): Promise<unknown> {
  const [output] = await runToolCalls([callOf(tool.name, args)], [tool])
  return output?.output
}

async function errorOf(tool: Tool, args: unknown = {}): Promise<string> {
  const { error, ...rest } = JSON.parse(String(await outputOf(tool, args)))
  expect(rest).toEqual({})
  return error
}

const giving = (value: unknown) => toolOf('t', () => value)
const throwing = (error: unknown) =>
  toolOf('t', () => {
    throw error
  })
const hanging = (timeoutMs?: number | false) => toolOf('hang', () => new Promise(() => {}), timeoutMs)

describe('what a tool gives', () => {
  const parts = [
    { type: 'input_text', text: 'see', tomorrow: true },
    { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
    { type: 'input_file', file_id: 'file_1' },
  ]

  it.each([
    ['a string, as it stands', 'plain "text"', 'plain "text"'],
    ['an empty string', '', ''],
    ['an object', { a: [1, null] }, '{"a":[1,null]}'],
    ['a number', 7, '7'],
    ['false', false, 'false'],
    ['nothing', undefined, 'null'],
    ['what toJSON says', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['an array of strings', ['input_text'], '["input_text"]'],
    ['an empty array', [], '[]'],
    ['a promise', Promise.resolve({ ok: 1 }), '{"ok":1}'],
    [
      'an array that is only partly parts',
      [parts[0], { type: 'x' }],
      `[${JSON.stringify(parts[0])},{"type":"x"}]`,
    ],
    ['parts of a wrong shape', [{ type: 'input_text', text: 5 }], '[{"type":"input_text","text":5}]'],
    ['content parts, with every field', parts, parts],
  ])('sends %s', async (_, value, expected) => {
    expect(await outputOf(giving(value))).toEqual(expected)
  })

  it('sends content parts as they were when the tool gave them', async () => {
    const given = structuredClone(parts)
    const sent = await outputOf(giving(given))
    given.length = 0
    expect(sent).toEqual(parts)
  })

  const cycle: unknown[] = []
  cycle.push(cycle)

  it.each([
    ['a cycle', cycle],
    ['a bigint', { n: 1n }],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['parts with a bigint', [{ type: 'input_text', text: 'a', n: 1n }]],
  ])('answers with an error to %s', async (_, value) => {
    expect(await errorOf(giving(value))).toContain('cannot be written as JSON')
  })

  it.each([
    ['a text', 'x'.repeat(10_485_761)],
    ['JSON', ['x'.repeat(10_485_757)].concat('')],
    ['content parts', [{ type: 'input_text', text: 'x'.repeat(10_485_760) }]],
  ])('answers with an error to %s that is too long', async (_, value) => {
    expect(await errorOf(giving(value))).toMatch(/its output of 10485\d\d\d characters was left out/)
  })

  it('sends a text of exactly the limit', async () => {
    expect(await outputOf(giving('x'.repeat(10_485_760)))).toHaveLength(10_485_760)
  })
})

describe('what the model writes', () => {
  it.each([
    ['fits', { a: 1, b: 2 }, '3'],
    ['leaves out what has a default', { a: 1 }, '2'],
  ])('reaches the tool checked when it %s', async (_, args, expected) => {
    expect(await outputOf(adder, args)).toBe(expected)
  })

  it('counts as an empty object when it is empty', async () => {
    expect(await outputOf(giving('ran'), '')).toBe('ran')
  })

  it.each([
    ['{"a":', 'not valid JSON'],
    ['[]', 'must be one JSON object'],
    ['null', 'must be one JSON object'],
    ['"a"', 'must be one JSON object'],
    ['{}', 'a: Invalid key'],
    ['{"a":"1"}', 'a: Invalid type: Expected number but received "1"'],
  ])('is refused before the tool runs: %s', async (text, message) => {
    const spy = defineTool({ ...adder, execute: () => expect.unreachable() })
    const error = await errorOf(spy, text)
    expect(error).toContain(message)
    expect(error).toContain('The tool did not run.')
  })

  it('is refused when it is no text at all', async () => {
    const call = { ...callOf('add'), arguments: 5 } as unknown as FunctionCallItem
    const [output] = await runToolCalls([call], [adder])
    expect(output?.output).toContain('must be one JSON object')
  })

  it('is checked by any Standard Schema, also one that takes time', async () => {
    const tool = defineTool({
      name: 'double',
      description: 'Doubles.',
      schema: doubled(),
      parameters: DOUBLED_PARAMETERS,
      execute: ({ twice }) => twice,
    })
    expect(await outputOf(tool, { n: 4 })).toBe('8')
    expect(await errorOf(tool, { n: 'x' })).toContain('n: must be a number')
  })

  it('is answered in few words, however much is wrong with it', async () => {
    const schema = v.record(v.string(), v.number())
    const tool = defineTool({ name: 't', description: 'd', schema, execute: () => '' })
    const wrong = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${'k'.repeat(999)}`, 'x']))
    const error = await errorOf(tool, wrong)
    expect(error).toContain('and 492 more')
    expect(error.length).toBeLessThan(2_500)
  })

  it('is answered when the check itself breaks', async () => {
    const schema = v.pipe(
      v.object({}),
      v.check(() => {
        throw new Error('no database')
      }),
    )
    const tool = defineTool({ name: 't', description: 'd', schema, execute: () => '' })
    const told = await errorOf(tool)
    expect(told).toContain('could not be checked.')
    expect(told).not.toContain('database')
  })

  it('is answered when it names no tool, or is cut short', async () => {
    const cut: FunctionCallItem = { ...callOf('add', { a: 1 }, 'c2'), status: 'incomplete' }
    const outputs = await runToolCalls([callOf('toString'), cut], [adder])
    expect(outputs.map(({ output }) => output)).toEqual([
      expect.stringContaining('There are: add.'),
      expect.stringContaining('was cut short'),
    ])
  })
})

describe('a tool that throws', () => {
  const secret = new Error('cannot reach postgres://app:hunter2@db.internal/users')

  it.each([
    ['an error', secret],
    ['a text', secret.message],
    ['an error from elsewhere', { message: secret.message }],
    ['nothing', undefined],
  ])('is answered, and the model reads none of it: %s', async (_, error) => {
    expect(await errorOf(throwing(error))).toBe('The tool failed.')
    expect(await errorOf(giving(Promise.reject(error)))).toBe('The tool failed.')
  })

  it('tells the application, with its own error', async () => {
    const events: ToolEvent[] = []
    const tool = throwing(secret)
    await runToolCalls([callOf(tool.name)], [tool], { onTool: (event) => events.push(event) })
    expect(events.at(-1)).toMatchObject({ type: 'tool.finished', ok: false, problem: 'threw', error: secret })
  })

  it.each([
    ['a text', 'Try again later.', 'Try again later.'],
    ['made of the error', (error: unknown) => `No answer (${(error as Error).name}).`, 'No answer (Error).'],
    ['that is no text', () => 5 as never, 'The tool failed.'],
    [
      'that cannot be made',
      () => {
        throw secret
      },
      'The tool failed.',
    ],
  ])('is answered with what the application has the model read: %s', async (_, errorForModel, told) => {
    const tool = defineTool({
      name: 'throwing',
      description: 'd',
      schema: v.object({}),
      errorForModel,
      execute: () => {
        throw secret
      },
    })
    expect(await errorOf(tool)).toBe(told)
  })
})

describe('time', () => {
  it('ends a call after its limit and tells the tool why', async () => {
    const clock = new SimulatedClock()
    let reason: unknown
    const tool = toolOf('slow', (_, { signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason
      })
      return new Promise(() => {})
    })
    const run = runToolCalls([callOf('slow')], [tool], { clock, toolTimeoutMs: 500 })
    await clock.advance(499)
    expect(reason).toBeUndefined()
    await clock.advance(1)
    expect(reason).toMatchObject({ name: 'TimeoutError' })
    const [output] = await run
    expect(output?.output).toBe('{"error":"The tool did not finish within 500 ms and was stopped."}')
  })

  it.each([
    ['60 s by default', undefined, {}, 60_000],
    ["the run's", undefined, { toolTimeoutMs: 200 }, 200],
    ["the tool's own before the run's", 300, { toolTimeoutMs: 200 }, 300],
    ["the tool's own although the run has none", 300, { toolTimeoutMs: false as const }, 300],
  ])('is limited: %s', async (_, own, options, expected) => {
    const clock = new SimulatedClock()
    let settled = false
    const run = runToolCalls([callOf('hang')], [hanging(own)], { ...options, clock }).then(([output]) => {
      settled = true
      return output?.output
    })
    await clock.advance(expected - 1)
    expect(settled).toBe(false)
    await clock.advance(1)
    expect(await run).toContain(`within ${expected} ms`)
  })

  it.each([
    ['the run', hanging(), { toolTimeoutMs: false as const }],
    ['the tool', hanging(false), {}],
  ])('is without limit when %s says so', async (_, tool, options) => {
    const clock = new SimulatedClock()
    const controller = new AbortController()
    const run = runToolCalls([callOf('hang')], [tool], { ...options, clock, signal: controller.signal })
    await settle()
    expect(clock.pending()).toEqual([])
    controller.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
  })

  it('covers the check of the arguments, and a tool whose time is up does not start', async () => {
    const clock = new SimulatedClock()
    const checks: Array<(result: { value: object }) => void> = []
    const validate = () =>
      new Promise<{ value: object }>((resolve) => {
        checks.push(resolve)
      })
    const started: string[] = []
    const tool = defineTool({
      name: 't',
      description: 'd',
      schema: { '~standard': { version: 1, vendor: 'slow', validate } },
      parameters: { type: 'object' },
      execute: (_, { name }) => started.push(name),
    })
    const run = runToolCalls([callOf('t')], [tool], { clock, toolTimeoutMs: 10 })
    await clock.advance(10)
    expect((await run)[0]?.output).toContain('within 10 ms')
    expect(checks).toHaveLength(1)
    checks[0]?.({ value: {} })
    await settle()
    expect(started).toEqual([])
  })

  it('does not wait for a tool that ignores its signal, nor keeps its place', async () => {
    const clock = new SimulatedClock()
    const calls = [callOf('hang'), callOf('next')]
    const tools = [hanging(), toolOf('next', () => 'ran')]
    const run = runToolCalls(calls, tools, { clock, concurrency: 1 })
    await clock.advance(60_000)
    expect((await run)[1]?.output).toBe('ran')
    expect(clock.pending()).toEqual([])
  })

  it('needs no clock', async () => {
    const [output] = await runToolCalls([callOf('hang')], [hanging(5)])
    expect(output?.output).toContain('within 5 ms')
  })
})

describe('abort', () => {
  it('tells running tools, starts no more, and rejects with the reason', async () => {
    const clock = new SimulatedClock()
    const controller = new AbortController()
    const seen: string[] = []
    const tool = toolOf('t', (_, { callId, signal }) => {
      seen.push(`${callId} starts`)
      signal.addEventListener('abort', () => seen.push(`${callId} hears ${signal.reason}`))
      return new Promise(() => {})
    })
    const calls = ['a', 'b', 'c'].map((id) => callOf('t', {}, id))
    const events: ToolEvent[] = []
    const run = runToolCalls(calls, [tool], {
      clock,
      signal: controller.signal,
      concurrency: 2,
      onTool: (event) => events.push(event),
    })
    await clock.advance(70)
    controller.abort('stop')
    expect(seen).toEqual(['a starts', 'b starts', 'a hears stop', 'b hears stop'])
    await expect(run).rejects.toBe('stop')
    expect(events.slice(2)).toEqual(
      ['a', 'b'].map((callId) => ({
        type: 'tool.finished',
        callId,
        name: 't',
        ok: false,
        ms: 70,
        problem: 'aborted',
      })),
    )
    expect(clock.pending()).toEqual([])
    await settle()
    expect(seen).toHaveLength(4)
  })

  it('before the run starts nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    const tool = toolOf('t', () => expect.unreachable())
    await expect(runToolCalls([callOf('t')], [tool], { signal })).rejects.toThrow('too late')
  })

  it('from within an event listener stops the call that was about to start', async () => {
    const controller = new AbortController()
    const ran: string[] = []
    const events: ToolEvent[] = []
    const run = runToolCalls([callOf('t')], [toolOf('t', () => ran.push('t'))], {
      signal: controller.signal,
      onTool: (event) => {
        events.push(event)
        controller.abort(new Error('no'))
      },
    })
    await expect(run).rejects.toThrow('no')
    await settle()
    expect(ran).toEqual([])
    expect(events[1]).toMatchObject({ type: 'tool.finished', problem: 'aborted' })
  })

  it('is not heard by a tool that has finished', async () => {
    const controller = new AbortController()
    const heard: string[] = []
    const note = (_: object, { callId, signal }: ToolContext) => {
      signal.addEventListener('abort', () => heard.push(callId))
    }
    const hang = toolOf('hang', (args, context) => {
      note(args, context)
      return new Promise(() => {})
    })
    const calls = [callOf('quick', {}, 'a'), callOf('hang', {}, 'b')]
    const run = runToolCalls(calls, [toolOf('quick', note), hang], { signal: controller.signal })
    await settle()
    controller.abort(new Error('stop'))
    await expect(run).rejects.toThrow('stop')
    expect(heard).toEqual(['b'])
  })

  it('makes no unhandled rejection of what tools throw afterwards', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const controller = new AbortController()
    const tool = toolOf('t', async (_, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      throw new Error('late')
    })
    const run = runToolCalls([callOf('t')], [tool], { signal: controller.signal })
    await settle()
    controller.abort(new Error('stop'))
    await expect(run).rejects.toThrow('stop')
    await settle()
    expect(unhandled).toEqual([])
  })

  it('is no longer listened for once the run is over', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await runToolCalls([callOf('t')], [giving('ok')], { signal })
    expect(listeners).toBe(0)
  })
})

describe('a run', () => {
  it('gives nothing for no calls', async () => {
    expect(await runToolCalls([], [adder])).toEqual([])
  })

  it('answers each call_id once, as it came first, and to the program that called', async () => {
    const caller = { type: 'program', caller_id: 'call_p' }
    const outputs = await runToolCalls(
      [
        { ...callOf('add', { a: 1 }, 'x'), caller },
        { ...callOf('add', { a: 5 }, 'y'), caller: { type: 'direct' } },
        callOf('add', { a: 9 }, 'x'),
      ],
      [adder],
    )
    expect(outputs).toEqual([
      { type: 'function_call_output', call_id: 'x', output: '2', caller },
      { type: 'function_call_output', call_id: 'y', output: '6' },
    ])
  })

  it('tells a tool which call it serves', async () => {
    const tool = toolOf('t', (_, { callId, name }) => `${name} ${callId}`)
    const [output] = await runToolCalls([callOf('t', {}, 'c7')], [tool])
    expect(output?.output).toBe('t c7')
  })

  it('reports every call, and never its arguments or its output', async () => {
    const clock = new SimulatedClock()
    const events: ToolEvent[] = []
    const slow = toolOf(
      'slow',
      () => new Promise((resolve) => void clock.setTimeout(() => resolve('secret-out'), 30)),
    )
    const calls = [callOf('slow', { x: 'secret-in' }), callOf('add', { a: 'secret-in' }), callOf('gone')]
    const run = runToolCalls(calls, [slow, adder], {
      clock,
      concurrency: 1,
      onTool: (event) => events.push(event),
    })
    await clock.advance(30)
    await run
    expect(events).toEqual([
      { type: 'tool.started', callId: 'call_slow', name: 'slow' },
      { type: 'tool.finished', callId: 'call_slow', name: 'slow', ok: true, ms: 30, problem: null },
      { type: 'tool.started', callId: 'call_add', name: 'add' },
      { type: 'tool.finished', callId: 'call_add', name: 'add', ok: false, ms: 0, problem: 'bad-arguments' },
      { type: 'tool.started', callId: 'call_gone', name: 'gone' },
      { type: 'tool.finished', callId: 'call_gone', name: 'gone', ok: false, ms: 0, problem: 'unknown-tool' },
    ])
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  it.each([
    ['threw', throwing(new Error('x'))],
    ['unserialisable', giving(1n)],
    ['too-long', giving('x'.repeat(10_485_761))],
    ['timed-out', toolOf('t', () => new Promise(() => {}), 0)],
  ])('says in its event that a tool %s', async (problem, tool) => {
    const events: ToolEvent[] = []
    await runToolCalls([callOf('t')], [tool], { onTool: (event) => events.push(event) })
    expect(events.at(-1)).toMatchObject({ ok: false, problem })
  })

  it('goes on when a listener throws, and does not hide it', async () => {
    const clock = new SimulatedClock()
    const heard: string[] = []
    const onTool = ({ type }: ToolEvent) => {
      heard.push(type)
      throw new Error('listener')
    }
    const run = runToolCalls([callOf('add', { a: 1 })], [adder], { clock, onTool })
    expect(await run).toHaveLength(1)
    expect(heard).toEqual(['tool.started', 'tool.finished'])
    await expect(clock.advance(0)).rejects.toThrow('listener')
  })

  it.each([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: 1.5 }],
    ['concurrency', { concurrency: '4' }],
    ['toolTimeoutMs', { toolTimeoutMs: -1 }],
    ['toolTimeoutMs', { toolTimeoutMs: true }],
    ['signal', { signal: {} }],
    ['onTool', { onTool: {} }],
    ['clock', { clock: {} }],
    ['limit', { limit: 4 }],
  ])('refuses a bad %s before anything runs: %o', async (path, options) => {
    const tool = toolOf('t', () => expect.unreachable())
    const run = runToolCalls([callOf('t')], [tool], options as object)
    await expect(run).rejects.toThrow(BadOptionError)
    await expect(run).rejects.toMatchObject({ path })
  })

  it('refuses two tools of one name', async () => {
    await expect(runToolCalls([], [adder, adder])).rejects.toMatchObject({ path: 'tools.1.name' })
  })
})

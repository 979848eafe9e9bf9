import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { addUsage } from '../../../src/client/conversation/usage.ts'
import { OutputError } from '../../../src/client/conversation/output-error.ts'
import { structuredOutput } from '../../../src/client/conversation/structured-output.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import { defineTool } from '../../../src/client/tools/index.ts'
import type { TurnResponse } from '../../../src/protocol/index.ts'
import { talk } from './harness.ts'

type Part = { type: 'output_text'; text: string } | { type: 'refusal'; refusal: string }

const message = (part: Part, phase?: 'commentary') =>
  ({ type: 'message', id: 'msg_1', role: 'assistant', content: [part], ...(phase && { phase }) }) as const

const response = (output: readonly object[], more: object = {}) =>
  ({ id: 'resp_1', status: 'completed', output, output_text: '', ...more }) as unknown as TurnResponse

const said = (text: string, more?: object) => response([message({ type: 'output_text', text })], more)

const city = z.object({ name: z.string(), people: z.number() })
const plain = {
  type: 'object',
  properties: { name: { type: 'string' }, people: { type: 'number' } },
  required: ['name', 'people'],
  additionalProperties: false,
}

async function errorOf(schema: Parameters<typeof structuredOutput>[0], of: TurnResponse) {
  const error = await structuredOutput(schema)
    .read(of)
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof OutputError)) throw new Error('it was taken')
  return error
}

describe('an answer by a schema', () => {
  it.each([
    ['zod', city],
    ['valibot', v.object({ name: v.string(), people: v.number() })],
    ['plain JSON Schema', plain],
  ])('is asked for in strict mode, and read: %s', async (_, schema) => {
    const { format, read } = structuredOutput(schema)
    expect(format).toEqual({ type: 'json_schema', name: 'output', strict: true, schema: plain })
    expect(await read(said('{"name":"Oslo","people":5}'))).toEqual({
      output: { name: 'Oslo', people: 5 },
      refusal: null,
    })
    const error = await errorOf(schema, said('{"name":"Oslo","people":"many"}'))
    expect(error).toMatchObject({
      code: 'ERR_BAD_OUTPUT',
      text: '{"name":"Oslo","people":"many"}',
      issues: [{ path: 'people' }],
    })
  })

  it('is asked for loosely where strict mode would not take the schema', () => {
    expect(structuredOutput(z.object({ a: z.string().optional() })).format).toMatchObject({ strict: false })
  })

  it('is what the schema makes of it', async () => {
    const schema = z.object({ at: z.string().transform((text) => text.length) })
    expect(await structuredOutput(schema).read(said('{"at":"four"}'))).toEqual({
      output: { at: 4 },
      refusal: null,
    })
  })

  it('can be a refusal, which is no error', async () => {
    const of = response([message({ type: 'refusal', refusal: 'I cannot help with that.' })])
    expect(await structuredOutput(city).read(of)).toEqual({
      output: null,
      refusal: 'I cannot help with that.',
    })
  })

  it('is the last message, and no remark on the way', async () => {
    const answer = message({ type: 'output_text', text: '{"name":"Oslo","people":5}' })
    const remark = message({ type: 'output_text', text: 'One moment.' }, 'commentary')
    const read = await structuredOutput(city).read(response([remark, answer, remark]))
    expect(read.output).toEqual({ name: 'Oslo', people: 5 })
  })

  it.each([
    ['is no JSON', said('Oslo has 5')],
    ['has no text', response([])],
    [
      'was cut short (max_output_tokens)',
      said('{"name":"Os', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    ],
    ['does not fit its schema', said('[]')],
  ])('that %s is an error, which does not quote it', async (problem, of) => {
    const error = await errorOf(city, of)
    expect(error.message).toContain(`The answer ${problem}.`)
    expect(error.response).toBe(of)
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain('Os')
  })

  it.each([[5], [z.string()], [z.array(city)], [z.object({ at: z.date() })], [{ type: 'array' }]])(
    'is not asked for by what is no schema of an object',
    (schema) => {
      expect(() => structuredOutput(schema as never)).toThrow(
        expect.objectContaining({ code: 'ERR_BAD_OPTION', path: 'output' }),
      )
    },
  )
})

describe('usage', () => {
  it('is summed, whatever it counts', () => {
    const one = {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 1, new_ones: 5 },
      output_tokens: 2,
      total_tokens: 3,
    }
    const other = {
      input_tokens: 10,
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 30,
    }
    expect(addUsage(one, other)).toEqual({
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 1, new_ones: 5 },
      output_tokens: 22,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 33,
    })
  })

  it('of a response that has none changes nothing', () => {
    expect(addUsage(null, { total_tokens: 3 })).toEqual({ total_tokens: 3 })
    expect(addUsage({ total_tokens: 3 }, undefined)).toEqual({ total_tokens: 3 })
    expect(addUsage(null, null)).toBeNull()
  })
})

describe('a run', () => {
  const ask = { name: 'look_up', arguments: { city: 'Oslo' } }
  const tool = defineTool({
    name: 'look_up',
    description: 'Looks it up.',
    schema: z.object({ city: z.string() }),
    execute: () => '5 people',
  })

  it('has the output that it was asked for, of the last of its turns, and what all of them cost', async () => {
    const { conversation, creates } = await talk({
      server: { turns: [{ calls: [ask] }, { text: '{"name":"Oslo","people":5}' }] },
      conversation: { tools: [tool], text: { verbosity: 'low' } },
    })
    const totals: number[] = []
    const onTurn = (turn: Turn) =>
      void turn.response.then(({ usage }) => totals.push(Number(usage?.total_tokens)))
    const { output, usage, turns } = await conversation.run('How many?', { output: city, onTurn })
    expect(output).toEqual({ name: 'Oslo', people: 5 })
    expect(turns).toBe(2)
    expect(totals).toHaveLength(2)
    expect(usage?.total_tokens).toBe(totals.reduce((sum, total) => sum + total))
    const text = { verbosity: 'low', format: structuredOutput(city).format }
    expect(creates()).toMatchObject([{ text }, { text, previous_response_id: 'resp_1' }])
  })

  it('says what the model refused', async () => {
    const refusing = { output: [{ type: 'refusal' as const, refusal: 'No.' }] }
    const { conversation } = await talk({ server: { turns: [refusing, refusing] } })
    expect(await conversation.run('How many?', { output: city })).toMatchObject({
      output: null,
      refusal: 'No.',
    })
    expect(await conversation.run('How many?')).toMatchObject({ output: null, refusal: 'No.' })
  })

  it('fails when the answer does not fit, to who waits and to who reads, and the conversation goes on', async () => {
    const { conversation, creates } = await talk({ server: { turns: [{ text: 'five' }, { text: 'six' }] } })
    const run = conversation.run('How many?', { output: city })
    const read = (async () => {
      for await (const event of run) void event
    })().catch((error: unknown) => error)
    await expect(run).rejects.toMatchObject({ code: 'ERR_BAD_OUTPUT', text: 'five' })
    expect(await read).toBe(await run.catch((error: unknown) => error))
    expect((await conversation.run('Again.')).text).toBe('six')
    expect(creates()[1]).toMatchObject({ previous_response_id: 'resp_1' })
  })

  it('refuses what is no schema before anything is sent', async () => {
    const { conversation, server } = await talk()
    await expect(conversation.run('How many?', { output: z.string() })).rejects.toMatchObject({
      path: 'output',
    })
    expect(server.creates()).toBe(0)
  })
})

import { createActor, setup } from 'xstate'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { defineTool } from '../../src/client/tools/index.ts'
import { parseRecording } from '../../src/recording/parse.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { createResponsesServer } from '../../src/testing/index.ts'
import { inspector, view } from './harness.ts'
import { waitFor } from '../support/wait-for.ts'

/** One for each place, so that a leak says where it comes from. */
const PLANTS = {
  key: 'sk-planted-key-0001',
  header: 'planted-header-0002',
  query: 'planted-query-0003',
  instructions: 'planted instructions 0004',
  input: 'planted input 0005',
  metadata: 'planted-metadata-0006',
  output: 'planted output 0007',
  argument: 'planted-argument-0008',
  toolResult: 'planted tool result 0009',
  errorMessage: 'planted error message 0010',
  closeReason: 'planted close reason 0011',
  reasoning: 'planted reasoning 0012',
} as const

function expectNone(text: string): void {
  for (const [place, plant] of Object.entries(PLANTS)) {
    expect(text.includes(plant), `${place} was shown`).toBe(false)
  }
}

describe('nothing that was planted comes out', () => {
  it('of a conversation with tools, errors and a lost line', async () => {
    const watch = await inspector()
    const page = await view(watch.url)
    const stately = await view(watch.url, '/stately')
    const server = await createResponsesServer({
      apiKey: PLANTS.key,
      turns: [
        { reasoning: PLANTS.reasoning, calls: [{ name: 'find', arguments: { word: PLANTS.argument } }] },
        { text: PLANTS.output },
        { failed: { code: 'server_error', message: PLANTS.errorMessage } },
        { error: { code: 'bad_thing', message: PLANTS.errorMessage } },
      ],
    })
    onTestFinished(() => server.close())
    const connection = new ResponsesConnection({
      url: `${server.url}?token=${PLANTS.query}`,
      apiKey: PLANTS.key,
      headers: { 'x-extra': PLANTS.header },
      inspect: watch.inspect,
      minRetryDelayMs: 0,
      backoffDelaysMs: [0],
    })
    onTestFinished(() => connection.stop())
    const find = defineTool({
      name: 'find',
      description: PLANTS.instructions,
      schema: v.object({ word: v.string() }),
      execute: () => PLANTS.toolResult,
    })
    const conversation = connection.conversation({
      model: 'm',
      instructions: PLANTS.instructions,
      metadata: { note: PLANTS.metadata },
      tools: [find],
    })
    await conversation.run(PLANTS.input)
    await conversation.run(PLANTS.input).catch(() => {})
    await conversation.run(PLANTS.input).catch(() => {})
    server.strikeAll({ do: 'close', code: 1012, reason: PLANTS.closeReason })
    await waitFor(() => expect(watch.recording()).toContain('reconnecting'))
    await waitFor(() => expect(page.texts.join('')).toContain('reconnecting'))
    await connection.close()
    const shown = [watch.recording(), ...page.texts, ...stately.texts].join('\n')
    // What was saved can be read again: its entries are in the order of time.
    expect(parseRecording(watch.recording()).entries.some(({ kind }) => kind === 'frame')).toBe(true)
    expect(shown).toContain('response.output_text.delta')
    expect(shown).toContain('[redacted]')
    expect(stately.texts.join('')).toContain('@xstate.snapshot')
    expectNone(shown)
  })

  it('of a machine of another author, whatever its context and events hold', async () => {
    const watch = await inspector()
    const stately = await view(watch.url, '/stately')
    const page = await view(watch.url)
    const machine = setup({
      types: {} as { context: Record<string, unknown>; events: { type: string; [field: string]: unknown } },
    }).createMachine({
      id: 'other',
      context: {
        apiKey: PLANTS.key,
        sealed: new Secret(PLANTS.header),
        list: [PLANTS.input, { deep: { deeper: PLANTS.output } }],
        [PLANTS.key]: true,
        code: PLANTS.key,
        error: new Error(PLANTS.errorMessage),
        make: () => PLANTS.toolResult,
        map: new Map([[PLANTS.query, PLANTS.query]]),
      },
      on: { '*': { actions: () => {} } },
    })
    const actor = createActor(machine, { inspect: watch.inspect }).start()
    actor.send({
      type: 'go',
      text: PLANTS.input,
      status: PLANTS.metadata.repeat(20),
      nested: { key: PLANTS.key },
    })
    actor.send({ type: PLANTS.key })
    await waitFor(() => expect(page.texts.join('')).toContain('"go"'))
    expectNone([watch.recording(), ...page.texts, ...stately.texts].join('\n'))
  })

  it('unless its field was named, and even then no credential', async () => {
    const watch = await inspector({ reveal: ['name', 'apiKey'] })
    const machine = setup({ types: {} as { context: Record<string, unknown> } }).createMachine({
      id: 'm',
      context: { name: 'Ada Lovelace', other: 'hidden text', apiKey: PLANTS.key },
    })
    createActor(machine, { inspect: watch.inspect }).start()
    expect(watch.recording()).toContain('Ada Lovelace')
    expect(watch.recording()).not.toContain('hidden text')
    expectNone(watch.recording())
  })
})

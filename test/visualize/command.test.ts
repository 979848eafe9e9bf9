import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createActor, createMachine } from 'xstate'
import { describe, expect, it, onTestFinished } from 'vitest'
import { visualizeCommand } from '../../visualize/command.ts'
import { inspector, view } from './harness.ts'
import { waitFor } from '../support/wait-for.ts'

async function file(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdline-visualize-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const at = path.join(folder, name)
  await writeFile(at, text)
  return at
}

function run(...args: string[]) {
  const stop = new AbortController()
  const printed: string[] = []
  const done = visualizeCommand(args, {
    stdout: { write: (text) => printed.push(text) },
    signal: stop.signal,
  })
  onTestFinished(() => stop.abort())
  return {
    done,
    stop,
    url: () =>
      waitFor(() => {
        const url = printed.join('').match(/http:\S+/)?.[0]
        if (url === undefined) throw new Error('nothing was printed')
        return url
      }),
  }
}

describe('a file that cannot be shown is one clear line', () => {
  it.each([
    ['ERR_BAD_RECORDING', 'empty.jsonl', '', /Line 1 /],
    ['ERR_BAD_RECORDING', 'other.jsonl', '{"a":1}\n', /not the header of a recording/],
    ['ERR_BAD_RECORDING', 'newer.jsonl', '{"holdline":"recording","version":9}\n', /only version 1/],
    [
      'ERR_BAD_RECORDING',
      'cut.jsonl',
      '{"holdline":"recording","version":1}\n{"at":1,"ki',
      /Line 2 .* not JSON/,
    ],
    [
      'ERR_BAD_RECORDING',
      'shape.jsonl',
      '{"holdline":"recording","version":1}\n{"at":"x","kind":"mark"}',
      /Line 2/,
    ],
    [
      'ERR_BAD_RECORDING',
      'back.jsonl',
      '{"holdline":"recording","version":1}\n{"at":2,"kind":"mark","label":"a"}\n{"at":1,"kind":"mark","label":"b"}',
      /Line 3 .* earlier/,
    ],
    ['ERR_INSPECTOR', 'no-machine.mjs', 'export const a = 1', /exports no XState 5 machine/],
    ['ERR_INSPECTOR', 'throws.mjs', 'throw new Error("x")', /cannot be read/],
  ])('%s for %s', async (code, name, text, message) => {
    await expect(run(await file(name, text)).done).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it.each([[[]], [['a', 'b']], [['a', '--port', 'x']], [['a', '--token', 'x']]])(
    'ERR_BAD_OPTION for %j',
    async (args) => {
      await expect(run(...args).done).rejects.toMatchObject({ code: 'ERR_BAD_OPTION' })
    },
  )

  it('ERR_INSPECTOR for one that is not there', async () => {
    await expect(run('/nowhere/run.jsonl').done).rejects.toMatchObject({
      code: 'ERR_INSPECTOR',
      message: expect.stringContaining('ENOENT'),
    })
  })
})

it('a recording that an inspector saved is shown as it was, until the signal', async () => {
  const { inspect, recording } = await inspector()
  const door = createMachine({
    id: 'door',
    initial: 'shut',
    states: { shut: { on: { push: 'open' } }, open: {} },
  })
  createActor(door, { inspect }).start().send({ type: 'push' })
  const { done, stop, url } = run(await file('run.holdline.jsonl', recording()))
  const { entries, messages } = await view(await url())
  await waitFor(() =>
    expect(entries()).toContainEqual(
      expect.objectContaining({ kind: 'transition', from: 'shut', to: 'open' }),
    ),
  )
  expect(messages()[0]).toMatchObject({ type: 'hello', complete: true, maySend: false })
  await waitFor(() =>
    expect(messages()).toContainEqual(expect.objectContaining({ type: 'chart', chart: 'door' })),
  )
  stop.abort()
  expect(await done).toBe(0)
})

it('a module shows every machine that it exports', async () => {
  const xstate = import.meta.resolve('xstate')
  const text = `import { createMachine } from ${JSON.stringify(xstate)}\nexport const one = createMachine({ id: 'one' })\nexport const other = 2\nexport const two = createMachine({ id: 'two' })`
  const { url } = run(await file('machines.mjs', text))
  const { messages } = await view(await url())
  await waitFor(() =>
    expect(
      messages()
        .flatMap((message) => (message.type === 'chart' ? [message.chart] : []))
        .toSorted(),
    ).toEqual(['one', 'two']),
  )
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assign, createActor, createEmptyActor, setup } from 'xstate'
import { describe, expect, onTestFinished, test } from 'vitest'
import { conforms } from '../../src/recording/conforms.ts'
import { firstDifference } from '../../src/recording/difference.ts'
import { record } from '../../src/recording/record.ts'
import { textAssignments } from '../../src/recording/text-assignments.ts'
import { Secret } from '../../src/protocol/secret.ts'

describe('the first difference', () => {
  test.each([
    ['equal values', { a: [1, { b: null }] }, { a: [1, { b: null }] }, { a: [1, { b: null }] }, null],
    ['another number', { a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 2 } }, 'a.b'],
    ['one more field', { a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2 }, 'b'],
    ['one field less', { a: 1, b: 2 }, { a: 1 }, { a: 1 }, 'b'],
    ['a longer list', [1, 2], [1], [1], '1'],
    ['no list', { a: [] }, { a: {} }, { a: {} }, 'a'],
    ['null for a value', { a: 1 }, { a: null }, { a: null }, 'a'],
    ['what is not JSON', { a: 'Infinity' }, { a: Infinity, b: undefined }, { a: Infinity }, null],
    ['a secret', { a: '[redacted]' }, { a: new Secret('x') }, { a: new Secret('y') }, null],
    ['no secret', { a: '[redacted]' }, { a: 'x' }, { a: 'x' }, 'a'],
    ['an actor', { a: { $actor: 'a' } }, { a: null }, { a: createEmptyActor() }, null],
    ['a text of that length', { a: { $text: 3 } }, { a: 'one' }, { a: 'one' }, null],
    ['a text of another length', { a: { $text: 3 } }, { a: 'four' }, { a: 'four' }, 'a'],
    ['the same text', { a: { $text: 3, same: 7 } }, { a: 'not shown 7' }, { a: 'left out of it 7' }, null],
    ['another text', { a: { $text: 3, same: 7 } }, { a: 'not shown 6' }, { a: 'left out of it 6' }, 'a'],
    ['no text', { a: { $text: 3 } }, { a: null }, { a: null }, 'a'],
    ['what depends on a text', { a: 'x 5', n: 3 }, { a: 'x not', n: 11 }, { a: 'x left', n: 16 }, null],
    ['what depends on an error', { a: { b: 1 } }, { a: null }, { a: { b: 2 } }, null],
  ])('%s', (_, recorded, charted, other, path) => {
    expect(firstDifference(recorded, charted, other)?.path.join('.') ?? null).toBe(path)
  })
})

const hidden = (same: number, $text: number): object => ({ $text, same })
const read = (value: unknown): unknown => textAssignments(value)?.map((one) => Object.fromEntries(one))

test('texts that are not shown may be those that are, and no two of them the same one', () => {
  expect(read({ a: hidden(1, 3), b: 'two', c: ['three'] })).toEqual([{ 1: 'two' }])
  expect(read([hidden(1, 3), hidden(2, 3), 'two'])).toEqual([{ 2: 'two' }, { 1: 'two' }])
  expect(read([hidden(1, 4), 'two'])).toEqual([])
  const many = Array.from({ length: 9 }, (_, same) => hidden(same, 2))
  expect(read([many, 'aa', 'bb', 'cc', 'dd', 'ee'])).toBeUndefined()
})

/** Its context depends on texts and errors that a recording does not show, and on equal ones in two fields. */
const diary = setup({
  types: {} as { context: Record<string, unknown>; events: { type: 'note'; words: string; error: Error } },
}).createMachine({
  id: 'diary',
  context: { length: 0, owner: 'somebody', isMine: false, failed: false, pages: 0 },
  on: {
    note: {
      actions: assign(({ context, event }) => ({
        length: event.words.length,
        failed: event.error instanceof Error,
        isMine: event.words === context['owner'],
        pages: Number(context['pages']) + 1,
      })),
    },
  },
})

test('a recording of a chart whose context depends on what is not shown conforms', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdline-difference-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'diary.jsonl')
  const actor = createActor(diary).start()
  const recorder = record(actor, file, { reveal: ['owner'] })
  for (const words of ['hello', 'somebody']) actor.send({ type: 'note', words, error: new Error('no') })
  await recorder.stop()
  const given = { charts: { diary } }
  expect(await conforms(file, given)).toMatchObject({ departure: null, checked: 2 })
})

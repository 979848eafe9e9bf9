import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EntryOf } from '../../src/recording/format.ts'
import { parseRecording } from '../../src/recording/parse.ts'
import { type RecordOptions, record } from '../../src/recording/record.ts'
import { conforms } from '../../src/recording/conforms.ts'
import { lanesOf } from '../../visualize/view/lanes.ts'
import { KEY, startConnection, startServer } from '../client/harness.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-contents-'))
})
afterAll(() => rm(folder, { recursive: true }))

const SAID = 'marker of what the user says'
const ANSWERED = 'marker of what the model says'
const HEADER = 'planted-header-0002'

/** A turn with content and credentials on a real socket; the server echoes both. */
async function recorded(name: string, options: RecordOptions) {
  const file = join(folder, `${name}.jsonl`)
  const server = await startServer({
    turns: [{ text: [`${ANSWERED}, ${KEY}, ${HEADER}`] }, { error: { code: 'x', message: KEY } }],
  })
  const { connection } = startConnection(server, { headers: { 'x-api-token': HEADER } })
  const recorder = record(connection.actor, file, options)
  await connection.connect()
  for (const ending of ['response.completed', 'error'] as const) {
    const ended = new Promise((resolve) => connection.on(ending, resolve))
    connection.send({
      type: 'response.create',
      model: 'm',
      input: `${SAID}, ${KEY}`,
      metadata: { note: SAID },
      tools: [{ type: 'mcp', server_label: 's', server_url: 'https://x', headers: { a: 'plain-word' } }],
    })
    await ended
  }
  server.connections()[0]?.strike({ do: 'binary' })
  await connection.close()
  await recorder.stop()
  const text = await readFile(file, 'utf8')
  const frames = parseRecording(text, file).entries.filter(
    (entry): entry is EntryOf<'frame'> => entry.kind === 'frame',
  )
  return { file, text, frames }
}

describe('a recording', () => {
  test('holds no content unless it is asked for', async () => {
    const { text, frames } = await recorded('without', {})
    for (const plant of [SAID, ANSWERED, KEY, HEADER, 'plain-word', 'marker'])
      expect(text).not.toContain(plant)
    expect(frames.some((frame) => 'text' in frame)).toBe(false)
  })

  test('holds the text of every frame when it is, and no credential', async () => {
    const { file, text, frames } = await recorded('with', { contents: true })
    for (const plant of [KEY, HEADER, 'plain-word']) expect(text).not.toContain(plant)
    const texts = frames.map((frame) => ({ type: frame.type, said: frame.text ?? '' }))
    expect(texts).toContainEqual({
      type: 'response.create',
      said: expect.stringContaining(`${SAID}, [redacted]`),
    })
    expect(texts).toContainEqual({
      type: 'response.output_text.delta',
      said: expect.stringContaining(`${ANSWERED}, [redacted], [redacted]`),
    })
    for (const frame of frames.filter(({ frame: kind, type }) => kind === 'message' && type !== null)) {
      expect(frame).toMatchObject({ count: 1, text: expect.stringMatching(/^\{"type":/) })
      expect(JSON.parse(frame.text ?? '')).toMatchObject({ type: frame.type })
      expect(frame).not.toHaveProperty('cutBytes')
    }
    expect(await conforms(file)).toMatchObject({ departure: null })
    // What the page draws is the same.
    const [lane] = lanesOf(frames)
    expect(lane?.bars.map(({ outcome }) => outcome)).toEqual(['completed', 'failed'])
  })

  test('keeps so many bytes of each frame, and says how many are missing', async () => {
    const { text, frames } = await recorded('bounded', { contents: true, maxContentBytes: 90 })
    expect(text).not.toContain(ANSWERED)
    const whole = await recorded('unbounded', { contents: true })
    for (const [index, frame] of frames.entries()) {
      const full = whole.frames[index]?.text
      if (full === undefined) continue
      const missing = Buffer.byteLength(full) - 90
      expect(frame.cutBytes ?? 0).toBe(Math.max(0, missing))
      expect(Buffer.byteLength(frame.text ?? '')).toBe(Math.min(90, Buffer.byteLength(full)))
    }
    expect(frames.filter(({ cutBytes = 0 }) => cutBytes > 0).length).toBeGreaterThan(5)
  })

  test.each([
    [{ contents: 'yes' as never }, /"contents" must be true or false/],
    [{ contents: true, maxContentBytes: -1 }, /"maxContentBytes" must be a whole number/],
    [{ maxContentBytes: Number.NaN }, /"maxContentBytes"/],
  ])('refuses %o', async (options, problem) => {
    const { connection } = startConnection(await startServer())
    expect(() => record(connection.actor, join(folder, 'never'), options)).toThrow(problem)
  })
})

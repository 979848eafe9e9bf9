import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conforms } from '../../src/recording/conforms.ts'
import { replay } from '../../src/recording/replay.ts'
import { recordSteps } from '../verification/drive/record-steps.ts'
import { randomSchedule } from '../verification/model/schedule.ts'
import type { ConnectionStep } from '../../src/testing/model/steps.ts'
import { TEST_KEY, type ConnectionModelOptions } from '../../src/testing/model/options.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-recording-'))
})
afterAll(() => rm(folder, { recursive: true }))

const LOST_AND_FOUND: readonly ConnectionStep[] = [
  { do: 'connect' },
  { do: 'accept' },
  { do: 'turn', end: 'completed' },
  { do: 'freeze' },
  { do: 'next' },
  { do: 'next' },
  { do: 'next' },
  { do: 'next' },
  { do: 'accept' },
  { do: 'close' },
]

async function recordingOf(
  name: string,
  steps: readonly ConnectionStep[],
  options: ConnectionModelOptions = {},
): Promise<string> {
  const file = join(folder, `${name}.jsonl`)
  await recordSteps(file, steps, options)
  return file
}

describe('a recording', () => {
  test('of a connection is a run that the chart allows', async () => {
    const file = await recordingOf('lost', LOST_AND_FOUND)
    const result = await conforms(file)
    expect(result.departure).toBeNull()
    expect(result).toMatchObject({ conforms: true, dropped: 0 })
    expect(result.checked).toBeGreaterThan(7)
    const states = (await replay(file))
      .filter(({ actor }) => actor === 'line/connection-1')
      .map(({ charted }) => (typeof charted === 'string' ? charted : Object.keys(charted ?? {})[0]))
    expect(new Set(states)).toEqual(new Set(['connecting', 'open', 'reconnecting', 'closed']))
  })

  test('of random schedules is one too', { timeout: 30_000 }, async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const { options, steps } = randomSchedule({ seed })
      expect(await conforms(await recordingOf(`random ${seed}`, steps, options))).toMatchObject({
        departure: null,
      })
    }
  })

  test('holds the frames by type and size, and no credential', async () => {
    const text = await readFile(await recordingOf('frames', LOST_AND_FOUND), 'utf8')
    const frames = text
      .split('\n')
      .filter((line) => line.includes('"kind":"frame"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(frames).toContainEqual(expect.objectContaining({ direction: 'out', type: 'response.create' }))
    expect(frames).toContainEqual(expect.objectContaining({ direction: 'in', type: 'response.completed' }))
    expect(text).not.toContain(TEST_KEY)
  })

  test('that leaves the chart is told where', async () => {
    const file = await recordingOf('changed', LOST_AND_FOUND)
    const lines = (await readFile(file, 'utf8')).split('\n')
    // As of a connection that gives up where it should try again.
    const at = lines.findIndex((line) => line.includes('"to":{"reconnecting"'))
    lines[at] = (lines[at] ?? '').replace(/"to":\{"reconnecting":.*?\}\}/, '"to":{"closed":"settled"}')
    // Neither the header nor a blank line nor a kind of another version is an entry.
    lines.splice(2, 0, '', '  ', '{"at":0,"kind":"from.the.future"}')
    await writeFile(file, lines.join('\n'))
    const { conforms: does, departure } = await conforms(file)
    expect(does).toBe(false)
    expect(departure).toMatchObject({ line: at + 4, entry: at })
    expect(departure?.problem).toMatch(
      new RegExp(`^Line ${at + 4}, .*leads to {"closed":"settled"}, but the chart leads to {"reconnecting"`),
    )
  })

  test('in which a delay comes early is told so', async () => {
    const file = await recordingOf('early', LOST_AND_FOUND)
    const text = (await readFile(file, 'utf8')).replaceAll(/"(delayMs|pongTimeoutMs)":25000/g, '"$1":26000')
    await writeFile(file, text)
    expect((await conforms(file)).departure?.problem).toMatch(/pongTimeout.* came 1000 ms before its time/)
  })

  test('that is cut off in the middle of a line is refused with the line', async () => {
    const file = await recordingOf('cut', LOST_AND_FOUND)
    const text = (await readFile(file, 'utf8')).slice(0, -30)
    await writeFile(file, text)
    const line = text.split('\n').length
    await expect(conforms(file)).rejects.toMatchObject({ code: 'ERR_BAD_RECORDING' })
    await expect(replay(file)).rejects.toThrow(
      `Line ${line} of ${file} cannot be read: it is not JSON, and it is the`,
    )
    await writeFile(file, text.replace('\n{', '\n\n{').concat('\n'))
    await expect(conforms(file)).rejects.toThrow(
      `Line ${line + 1} of ${file} cannot be read: it is not JSON. `,
    )
  })
})

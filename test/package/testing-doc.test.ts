import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { transformWithOxc } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as holdline from '../../src/index.ts'
import * as recording from '../../src/recording/index.ts'
import * as testing from '../../src/testing/index.ts'
import * as models from '../../src/testing/model-testing.ts'
import { codeBlocks, textOf } from './markdown.ts'

const page = textOf('docs/testing.md')
const blocks = codeBlocks(page, 'ts')

/** A line that is one expression, with the value that it must have as a comment. Other comments are prose. */
const VALUED =
  /^(?!const |let |await |\/\/)(?<code>.*\S) \/\/ (?<value>\[.*|\{.*|'.*'|\d+|true|false|null)$/gm
const PRINTED = /^console\.log\((?<code>.*)\) \/\/ (?<value>.*)$/gm
const IMPORT = /^import \{ (?<names>.*) \} from '(?<from>.*)'$/gm

/** What a block closes is closed twice; what it leaves open is closed after it. */
const open: { close(): Promise<unknown> }[] = []
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-doc-'))
})
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
  await rm(folder, { recursive: true })
})

function kept<T extends { close(): Promise<unknown> }>(one: T): T {
  open.push(one)
  return one
}

/** The names that a block may use: the packages' own, with what they open noted, and files in a folder of this test. */
const scope = {
  ...holdline,
  ...testing,
  ...models,
  fc,
  ResponsesConnection: class extends holdline.ResponsesConnection {
    constructor(options: holdline.ConnectionOptions) {
      super(options)
      kept(this)
    }
  },
  createResponsesServer: async (options?: testing.ServerOptions) =>
    kept(await testing.createResponsesServer(options)),
  createGate: async (target: testing.GateTarget, options?: Parameters<typeof testing.createGate>[1]) =>
    kept(await testing.createGate(target, options)),
  record: (...[actor, file, options]: Parameters<typeof recording.record>) =>
    recording.record(actor, join(folder, file), options),
  conforms: async (file: string) => await recording.conforms(join(folder, file)),
}

/** Runs a block, and gives the values that it shows beside those that it says they are. */
async function run(block: string): Promise<{ is: unknown; said: unknown }[]> {
  for (const { groups } of block.matchAll(IMPORT)) {
    const from: object = ENTRIES[groups?.['from'] ?? ''] ?? {}
    expect(Object.keys(from)).toEqual(expect.arrayContaining(groups?.['names']?.split(', ') ?? []))
  }
  const program = block
    .replaceAll(IMPORT, '')
    .replaceAll(
      PRINTED,
      (_, code: string, value: string) => `show(String(${code}), ${JSON.stringify(value)});`,
    )
    .replaceAll(VALUED, (_, code: string, value: string) => `show(${code}, ${value})`)
  const { code } = await transformWithOxc(`async () => {\n${program}\n}`, 'block.ts')
  const shown: { is: unknown; said: unknown }[] = []
  const show = (is: unknown, said: unknown): void => void shown.push({ is, said })
  const names = { ...scope, show }
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the text is this project's own
  const evaluate = new Function(...Object.keys(names), `return ${code}`)
  await (evaluate(...Object.values(names)) as () => Promise<void>)()
  return shown
}

/** What each entry of the package exports. */
const ENTRIES: Readonly<Record<string, object>> = {
  holdline,
  'holdline/testing': testing,
  'holdline/model-testing': models,
  'holdline/recording': recording,
}

/** How many values each block shows; a comment that is no longer read as one must not go unseen. */
const VALUES = [1, 1, 3, 2, 1, 2]

describe('docs/testing.md', () => {
  it('has as many programs as are known here', () => {
    expect(blocks).toHaveLength(VALUES.length)
  })

  it.each(blocks.map((block, at) => [at + 1, block] as const))(
    'prints programs that run and show what they say (%i)',
    { timeout: 30_000 },
    async (at, block) => {
      const shown = await run(block)
      for (const { is, said } of shown) expect(is).toEqual(said)
      expect(shown).toHaveLength(VALUES[at - 1] ?? 0)
    },
  )

  it('shows the part of the example that matters as it is', () => {
    const [part = ''] = codeBlocks(page, 'js')
    expect(part).not.toBe('')
    expect(textOf('examples/testing-your-app/app.test.mjs')).toContain(part)
  })

  it('shows the error of a subject that differs as it is', async () => {
    const steps: models.ConnectionStep[] = [
      { do: 'connect' },
      { do: 'accept' },
      { do: 'expire' },
      { do: 'hang-up', code: 1000 },
    ]
    const model = models.createConnectionModel()
    const twin = models.createConnectionModel()
    const subject: models.Subject<models.ConnectionStep> = {
      take: async (step) => twin.take(step),
      view: () => ({ ...twin.view(), ...(twin.view().state === 'reconnecting' && { state: 'closed' }) }),
      complaints: () => [],
      stop: async () => {},
    }
    const error: unknown = await models
      .agreeWith(model, subject, steps, 'subject')
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(models.DisagreementError)
    expect(codeBlocks(page, '')).toContain(`${(error as Error).message}\n`)
  })
})

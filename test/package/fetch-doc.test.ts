import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { codeBlocks, textOf } from './markdown.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const programs = codeBlocks(textOf('docs/fetch.md'), 'js')

/** Runs a program as a user would, in this checkout, with what `npm run build` made. */
function run(args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 50_000,
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout
}

describe('the page of the fetch', () => {
  it.each([
    [0, 'You said: one - You said: two\n'],
    [1, 'Sun in Rome.\n'],
    [2, 'You said: hello\n'],
    [3, 'You said: hello\n'],
    [4, 'You said: hello\n'],
  ])('prints programs that run as they stand there (%i)', { timeout: 60_000 }, (at, output) => {
    expect(run(['--input-type=module', '--eval', programs[at] ?? ''])).toBe(output)
  })

  it('has no other programs', () => expect(programs).toHaveLength(5))

  it.each([
    ['ai-sdk-route', 'Sun in both.\n2 requests over 1 connection\n'],
    ['agents', 'Sun in Paris.\n3 requests over 1 connection\n'],
  ])('links to an example that runs: %s', { timeout: 60_000 }, (name, output) => {
    expect(run([`examples/${name}.mjs`])).toBe(output)
  })

  it('lists the options with their defaults', async () => {
    const { responsesFetch } = await import('../../src/fetch/index.ts')
    const listed = [...textOf('docs/fetch.md').matchAll(/^\| `(\w+)` +\| /gm)].map(([, name]) => name)
    expect(listed).toEqual(['fetch', 'fallback', 'scope', 'match', 'chains', 'resend', 'maxBufferedBytes'])
    expect(responsesFetch).toHaveLength(1)
  })
})

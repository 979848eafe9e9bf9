import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeOutput } from '../../src/cli/workflow/show/tool-output.ts'
import { TOOLS } from '../../src/cli/workflow/tools/index.ts'
import { readSource } from '../../src/cli/workflow/tools/package-files.ts'
import { runToolCalls, toolDefinitions } from '../../src/client/tools/index.ts'

async function call(name: string, args: unknown): Promise<{ output: unknown; summary: string }> {
  const text = typeof args === 'string' ? args : JSON.stringify(args)
  const item = { type: 'function_call' as const, call_id: 'call_1', name, arguments: text }
  const [answer] = await runToolCalls([item], TOOLS)
  const output = answer?.output as string
  return { output: JSON.parse(output) as unknown, summary: describeOutput(output) }
}

describe('search_files', () => {
  it('finds a word with its file and line', async () => {
    const { output, summary } = await call('search_files', { word: 'JITTER_SHARE =', folder: 'machines' })
    expect(output).toMatchObject({
      total: 1,
      hits: [{ path: 'machines/backoff.ts', line: expect.any(Number), text: 'const JITTER_SHARE = 0.25' }],
    })
    expect(summary).toBe('1 line in 1 file')
  })

  it('gives back a bounded number of lines, and says how many there are', async () => {
    const { output } = await call('search_files', { word: 'import', folder: 'src' })
    const { hits, total } = output as { hits: unknown[]; total: number }
    expect(hits).toHaveLength(40)
    expect(total).toBeGreaterThan(40)
  })
})

describe('read_lines', () => {
  it('reads what is there', async () => {
    const { output } = await call('read_lines', { path: 'machines/backoff.ts', from: 1, to: 2 })
    expect(output).toEqual({
      path: 'machines/backoff.ts',
      from: 1,
      to: 2,
      lines: ['/**', ' * How long to wait before each retry.'],
    })
  })

  it('stops at the end of the file, and after 80 lines', async () => {
    const long = await call('read_lines', { path: 'machines/connection/chart.ts', from: 1, to: 1000 })
    expect((long.output as { lines: unknown[] }).lines).toHaveLength(80)
    const past = await call('read_lines', { path: 'machines/backoff.ts', from: 900, to: 905 })
    expect(past.output).toMatchObject({ lines: [] })
  })

  it.each([
    '/etc/passwd',
    '../../etc/passwd',
    'package.json',
    'src',
    'src/../package.json',
    'machines/..',
    '',
  ])('does not read %j', async (path) => {
    const { output, summary } = await call('read_lines', { path, from: 1, to: 2 })
    expect(output).toEqual({ error: expect.any(String) })
    expect(summary).toContain('failed')
  })

  it('does not follow a link out of the package', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdline-cli-'))
    try {
      await mkdir(join(folder, 'src'))
      await writeFile(join(folder, 'src/in.ts'), 'inside')
      await writeFile(join(folder, 'out.ts'), 'outside')
      await symlink(join(folder, 'out.ts'), join(folder, 'src/link.ts'))
      expect(await readSource('src/in.ts', folder)).toEqual(['inside'])
      await expect(readSource('src/link.ts', folder)).rejects.toThrow('Only files under')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('calls that cannot be run', () => {
  it.each([
    ['an unknown tool', 'delete_files', {}],
    ['broken JSON', 'read_lines', '{"path":'],
    ['a missing argument', 'read_lines', { path: 'machines/backoff.ts', from: 1 }],
    ['a wrong argument', 'search_files', { word: 'x', folder: 'machines' }],
    ['one argument too many', 'search_files', { word: 'xyz', folder: 'machines', all: true }],
  ])('answers %s with an error for the model', async (_name, tool, args) => {
    const { output } = await call(tool, args)
    expect(output).toEqual({ error: expect.any(String) })
  })
})

it('offers its tools with strict schemas', () => {
  for (const definition of toolDefinitions(TOOLS)) {
    const { properties, required } = definition.parameters as {
      properties: Record<string, { description?: string; enum?: string[] }>
      required: string[]
    }
    expect(Object.values(properties).every(({ description, enum: words }) => description ?? words)).toBe(true)
    expect(definition).toMatchObject({
      type: 'function',
      strict: true,
      parameters: { additionalProperties: false },
    })
    expect(required).toEqual(Object.keys(properties))
  }
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const OXLINT = join(root, 'node_modules/oxlint/bin/oxlint')

interface Report {
  readonly diagnostics: readonly { readonly filename: string; readonly code: string }[]
}

/** What `npm run floors` would say about a file with this text. */
function lint(path: string, text: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'holdline-floors-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as object
  writeFileSync(join(dir, '.oxlintrc.json'), JSON.stringify({ ...config, options: { typeAware: false } }))
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
  const rules = ['no-restricted-imports', 'no-restricted-globals', 'no-restricted-properties']
  const args = [OXLINT, '-f', 'json', '-A', 'all', ...rules.flatMap((rule) => ['-D', rule])]
  const { diagnostics } = JSON.parse(run(args, dir)) as Report
  return diagnostics.map(({ code }) => code)
}

/** The linter's exit code is 1 when it finds something, which is what is asked here. */
function run(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

it.each([
  ['src/protocol/a.ts', '../../machines/index.ts'],
  ['src/protocol/a.ts', '../socket/index.ts'],
  ['src/protocol/a.ts', 'node:fs'],
  ['machines/connection/a.ts', '../../src/socket/index.ts'],
  ['machines/connection/a.ts', '../../src/client/manager.ts'],
  ['machines/a.ts', 'ws'],
  ['machines/a.ts', 'node:timers'],
  ['src/dial/a.ts', '../socket/index.ts'],
  ['src/socket/a.ts', '../client/connection.ts'],
  ['src/client/a.ts', '../testing/index.ts'],
  ['src/client/a.ts', '../cli/main.ts'],
  ['src/testing/server/a.ts', '../../cli/main.ts'],
  ['src/testing/a.ts', '../../visualize/index.ts'],
])('an import that points up is found: %s of %s', (path, target) => {
  expect(lint(path, `export * from '${target}'\n`)).toContain('eslint(no-restricted-imports)')
})

it.each([
  ['machines/a.ts', '../src/protocol/index.ts'],
  ['src/socket/a.ts', '../../machines/index.ts'],
  ['src/socket/a.ts', 'ws'],
  ['src/http/a.ts', '../dial/plan.ts'],
  ['src/client/a.ts', '../socket/index.ts'],
  ['src/testing/a.ts', '../client/connection.ts'],
  ['src/cli/a.ts', '../testing/index.ts'],
  ['visualize/a.ts', '../src/index.ts'],
])('an import that points down is none: %s of %s', (path, target) => {
  expect(lint(path, `export * from '${target}'\n`)).toEqual([])
})

it.each([
  ['setTimeout(() => {}, 1)', 'eslint(no-restricted-globals)'],
  ['process.exit()', 'eslint(no-restricted-globals)'],
  ['Date.now()', 'eslint(no-restricted-properties)'],
  ['Math.random()', 'eslint(no-restricted-properties)'],
])('a chart that reaches for the world is found: %s', (text, rule) => {
  expect(lint('machines/a.ts', `${text}\n`)).toContain(rule)
  expect(lint('src/client/a.ts', `${text}\n`)).toEqual([])
})

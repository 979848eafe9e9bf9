import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { cli } from './sink.ts'

const KEY = 'sk-never-to-be-seen-0123456789'
const env = { OPENAI_API_KEY: KEY }

describe('wrong command lines', () => {
  it.each([
    [[], 'a command is missing'],
    [['dance'], 'there is no command "dance"'],
    [['--dance'], 'there is no flag "--dance"'],
    [[KEY], 'there is no such command'],
    [['toString'], 'there is no such command'],
    [['workflow', '--dance'], "unknown option '--dance'"],
    [['workflow', `--api-key=${KEY}`], "unknown option '--api-key'"],
    [['workflow', '--url'], "option '--url <value>' argument missing"],
    [['workflow', KEY], 'a word too many'],
    [['workflow', '--model', 'm'], '--model needs --url'],
    [['serve', '--port', 'http'], '--port must be a whole number'],
    [['serve', '--port', '65536'], '--port must be a whole number'],
    [['serve', '--port', '-1'], "option '--port' argument is ambiguous"],
    [['serve', '--host='], '--host must be'],
    [['serve', '--api-key='], '--api-key must not be empty'],
    [['serve', '--mode', 'azure'], '--mode must be one of openai, generation-1, vercel'],
  ])('%j is one line on stderr and code 2', async (args, problem) => {
    const { code, stdout, stderr } = await cli(args, { env })
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(problem)
    expect(stderr).toMatch(/^holdline[^\n]*--help\.\n$/)
    expect(stderr).not.toContain(KEY)
  })

  it('says which variable the key belongs in', async () => {
    for (const none of [{}, { OPENAI_API_KEY: '' }]) {
      const { code, stderr } = await cli(['workflow', '--url', 'wss://api.openai.com/v1/responses'], {
        env: none,
      })
      expect(code).toBe(2)
      expect(stderr).toMatch(/^holdline workflow: --url needs a key: set OPENAI_API_KEY[^\n]*\n$/)
    }
  })

  it('refuses a URL of another kind before anything is dialed', async () => {
    const { code, stdout, stderr } = await cli(['workflow', '--url', 'https://example.com'], { env })
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^holdline workflow: Option "url" must be[^\n]*Nothing was started\.\n$/)
  })
})

describe('scripts of the server', () => {
  let folder = ''
  const files = {
    'broken.json': '{"turns":[',
    'list.json': '[]',
    'wrong.json': '{"turns":[{"text":"a"},{"faults":[{"at":"nowhere","do":"close"}]}]}',
    'unknown.json': '{"tunrs":[]}',
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdline-cli-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  })
  afterAll(async () => await rm(folder, { recursive: true }))

  it.each([
    ['missing.json', 'cannot be read (ENOENT)'],
    ['broken.json', 'is not JSON'],
    ['list.json', 'script'],
    ['wrong.json', 'script.turns[1].faults[0].at'],
    ['unknown.json', 'script.tunrs'],
  ])('%s is one line and code 2', async (name, problem) => {
    const { code, stdout, stderr } = await cli(['serve', '--port', '0', '--script', join(folder, name)])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(problem)
    expect(stderr.match(/\n/g)).toHaveLength(1)
  })
})

describe('help and version', () => {
  it('prints the version of the package', async () => {
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it('explains every command and flag with its default', async () => {
    const { code, stdout } = await cli(['--help'])
    expect(code).toBe(0)
    for (const word of [
      'workflow',
      'serve',
      '--url',
      '--model',
      '--port',
      '--host',
      '--script',
      '--mode',
      '--api-key',
    ]) {
      expect(stdout).toContain(word)
    }
    expect(stdout).toContain('(default: 8787)')
    expect(stdout).toContain('OPENAI_API_KEY')
  })

  it.each(['workflow', 'serve'])('explains %s alone, whatever else is on the line', async (command) => {
    const { code, stdout } = await cli([command, '--nonsense', '-h'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: holdline ${command}`))
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true)
  })
})

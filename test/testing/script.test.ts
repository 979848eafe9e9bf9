import { expect, test } from 'vitest'
import { BadOptionError, isHoldlineError } from '../../src/protocol/index.ts'
import { createResponsesServer, parseScript } from '../../src/testing/index.ts'

function problem(script: unknown): BadOptionError {
  try {
    parseScript(script)
  } catch (error) {
    if (error instanceof BadOptionError) return error
    throw error
  }
  throw new Error('The script was accepted.')
}

test.each([
  [
    { turns: [{}, {}, { faults: [{ at: 'craeted', do: 'close' }] }] },
    'script.turns[2].faults[0].at',
    /"craeted"/,
  ],
  [{ turns: [{ faults: [{ at: 'created', do: 'clsoe' }] }] }, 'script.turns[0].faults[0].do', /"clsoe"/],
  [{ turns: [{ faults: [{ do: 'close' }] }] }, 'script.turns[0].faults[0].at', /missing/],
  [
    { turns: [{ faults: [{ at: 'created', do: 'close', code: 1006 }] }] },
    'script.turns[0].faults[0].code',
    /7\.4/,
  ],
  [{ turns: [{ faults: [{ at: 'created', do: 'delay' }] }] }, 'script.turns[0].faults[0].ms', /missing/],
  [{ turns: [{ failed: {}, error: {} }] }, 'script.turns[0]', /one of "failed"/],
  [{ turns: [{ text: 3 }] }, 'script.turns[0].text', /a string or a list/],
  [{ turns: [{ output: [{ type: 'txt' }] }] }, 'script.turns[0].output[0].type', /"text"/],
  [{ upgrades: [{ status: 'no' }] }, 'script.upgrades[0].status', /"no"/],
  [{ upgrades: [{ status: 101 }] }, 'script.upgrades[0].status', /101/],
  [{ upgrades: [7] }, 'script.upgrades[0]', /7/],
  [{ upgrades: [{ accept: true, than: [] }] }, 'script.upgrades[0].than', /not known/],
  [{ turnz: [] }, 'script.turnz', /not known/],
  [{ port: -1 }, 'script.port', /-1/],
  [{ mode: 'azure' }, 'script.mode', /azure/],
  [{ age: { maxMs: 0 } }, 'script.age.maxMs', /0/],
  ['text', 'script', /"text"/],
  [null, 'script', /null/],
  [[], 'script', /list/],
])('%j is refused with its path', (script, path, message) => {
  const error = problem(script)
  expect(error.path).toBe(path)
  expect(error.message).toMatch(message)
  expect(isHoldlineError(error)).toBe(true)
})

test('a key never stands in an error message', () => {
  expect(problem({ apiKey: { value: 'sk-secret' } }).message).not.toContain('sk-secret')
  expect(problem({ apiKey: ['sk-secret', 5] }).message).not.toContain('sk-secret')
  expect(problem({ apiKye: 'sk-secret' }).message).not.toContain('sk-secret')
})

test('what parses parses again to the same', () => {
  const script = {
    mode: 'vercel' as const,
    apiKey: ['a', 'b'],
    turns: [{ text: ['a'], faults: [{ at: 'delta' as const, nth: 2, do: 'silence' as const }] }],
    upgrades: [
      { status: 503, headers: { 'retry-after': 1 } },
      { stall: true as const },
      { reset: true as const },
      {},
    ],
  }
  expect(parseScript(parseScript(script))).toEqual(script)
})

test.each([
  [{ clock: {} }, 'options.clock'],
  [{ model: 'gpt' }, 'options.model'],
  [{ tls: { key: 'k' } }, 'options.tls.cert'],
  [{ logLimit: 0 }, 'options.logLimit'],
  [{ turns: [{ text: 1 }] }, 'options.turns[0].text'],
])('the server refuses the options %o', async (options, path) => {
  await expect(createResponsesServer(options as never)).rejects.toMatchObject({
    code: 'ERR_BAD_OPTION',
    path,
  })
})

import { describe, expect, it } from 'vitest'
import { Screen } from '../../src/cli/screen/screen.ts'
import { Sink } from './sink.ts'

function screenOn(columns: number | null, env: Record<string, string> = {}): { screen: Screen; sink: Sink } {
  const sink = new Sink(columns === null ? null : { columns })
  return { screen: new Screen({ output: sink, env, elapsedMs: () => 1234.4, secret: 'sk-1' }), sink }
}

describe('a screen', () => {
  it('stands its text in columns', () => {
    const { screen, sink } = screenOn(null)
    screen.line('state', 'open')
    screen.untimed('time', '5 s')
    expect(sink.text).toBe('  1234 ms  state    open\n           time     5 s\n')
  })

  it('wraps at spaces, and breaks a word that is longer than a row', () => {
    const { screen, sink } = screenOn(50, { NO_COLOR: '1' })
    screen.line('model', 'one two three four five six seven', ' ', 'x'.repeat(40))
    const rows = sink.text.split('\n')
    expect(rows[0]).toBe('  1234 ms  model    one two three four five six')
    expect(rows.slice(0, -1).every((row) => row.length < 50)).toBe(true)
    expect(rows.join('').replaceAll(/\s/g, '')).toContain(`seven${'x'.repeat(40)}`)
  })

  it('puts text that arrives in pieces together, and ends it before another line', () => {
    const { screen, sink } = screenOn(null)
    for (const piece of ['Hel', 'lo ', 'wor', 'ld.', '\n', 'Next']) screen.text('model', piece)
    screen.line('state', 'open')
    expect(sink.text).toBe(
      '  1234 ms  model    Hello world.\n                    Next\n  1234 ms  state    open\n',
    )
  })

  it('hides the secret, also where it arrives in pieces', () => {
    const { screen, sink } = screenOn(null)
    for (const piece of ['key: s', 'k-', '1!']) screen.text('model', piece)
    screen.endText()
    screen.line('call', 'sk-1')
    expect(sink.text).not.toContain('sk-1')
    expect(sink.text).toContain('key: [redacted]!')
  })

  it('prints no control character of others', () => {
    const { screen, sink } = screenOn(null)
    screen.line('model', 'a\u001b[2Jb\rc\u0007d\u009be\tf')
    expect(sink.text).toContain('a[2Jbcde f')
  })

  it.each([
    ['piped', null, {}, false],
    ['a terminal', 80, {}, true],
    ['a terminal with NO_COLOR', 80, { NO_COLOR: '1' }, false],
    ['a dumb terminal', 80, { TERM: 'dumb' }, false],
    ['piped with FORCE_COLOR', null, { FORCE_COLOR: '1' }, true],
    ['a terminal with FORCE_COLOR=0', 80, { FORCE_COLOR: '0' }, false],
    ['piped in CI', null, { CI: 'true' }, false],
  ] as const)('%s has colours as it should', (_name, columns, env, colours) => {
    const { screen, sink } = screenOn(columns, env)
    screen.line('state', ['open', screen.paint.green])
    expect(sink.text.includes('\u001b[32m')).toBe(colours)
  })

  it('takes the live line away before anything else, and puts it back after', () => {
    const { screen, sink } = screenOn(80, { NO_COLOR: '1' })
    screen.live('waiting')
    screen.line('state', 'open')
    screen.live(null)
    expect(sink.text).toBe('waiting\r\u001b[K  1234 ms  state    open\nwaiting\r\u001b[K')
  })

  it('has no live line where it is piped', () => {
    const { screen, sink } = screenOn(null, { FORCE_COLOR: '1' })
    screen.live('waiting')
    expect(sink.text).toBe('')
  })
})

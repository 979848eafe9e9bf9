import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { CONNECTION_DEFAULTS as DEFAULTS } from '../../machines/index.ts'
import {
  type ConnectionOptions,
  type RequestOptions,
  ResponsesConnection,
  Secret,
  azure,
  openai,
  xai,
} from '../../src/index.ts'
import { FALLBACK_DEFAULTS } from '../../src/client/options.ts'
import { SimulatedClock } from '../../src/testing/index.ts'
import { codeIn, tableRows, textOf } from './markdown.ts'

type Name = Exclude<keyof ConnectionOptions, 'request'> | `request.${keyof RequestOptions}`

const FROM_PROVIDER = "the provider's"

/** Every option, and how its default is written. The compiler finds an option that is missing here. */
const OPTIONS: Record<Name, string | number | boolean> = {
  apiKey: 'none',
  provider: openai.name,
  url: FROM_PROVIDER,
  headers: 'none',
  'request.headers': 'none',
  'request.auth': "{ mode: 'provider-default' }",
  'request.proxy': 'none',
  'request.tls': "the system's",
  'request.allowPrivateNetwork': true,
  'request.addressTimeoutMs': DEFAULTS.addressTimeoutMs,
  allowInsecure: false,
  subprotocols: FROM_PROVIDER,
  perMessageDeflate: false,
  maxPayloadBytes: DEFAULTS.maxPayloadBytes,
  maxFrameBytes: FROM_PROVIDER,
  maxBufferedBytes: DEFAULTS.maxBufferedBytes,
  maxRetries: DEFAULTS.maxRetries,
  backoffDelaysMs: `[${DEFAULTS.backoffDelaysMs.join(', ')}]`,
  jitter: `'${DEFAULTS.jitter}'`,
  minRetryDelayMs: DEFAULTS.minRetryDelayMs,
  maxRetryAfterMs: DEFAULTS.maxRetryAfterMs,
  random: 'Math.random',
  connectTimeoutMs: DEFAULTS.connectTimeoutMs,
  closeTimeoutMs: DEFAULTS.closeTimeoutMs,
  pingIntervalMs: DEFAULTS.pingIntervalMs,
  pongTimeoutMs: DEFAULTS.pongTimeoutMs,
  stableAfterMs: DEFAULTS.stableAfterMs,
  maxAgeMs: FROM_PROVIDER,
  turnBudgetMs: DEFAULTS.turnBudgetMs,
  expiryGraceMs: DEFAULTS.expiryGraceMs,
  httpFallback: false,
  socketFactory: 'new WebSocket(',
  inspect: 'none',
  clock: "Node's timers",
}

const docs = tableRows(textOf('docs/options.md')).filter((row) => row.length === 5)
const readme = tableRows(textOf('README.md'), '## Options')

/** A default's cell begins with it, in backquotes or not. */
function begins(cell: string | undefined): string {
  return cell?.replace(/^`/, '') ?? ''
}

describe.each([
  ['docs/options.md', docs.map(([name, , value]) => [name, value])],
  ['README.md', readme.map(([name, value]) => [name, value])],
])('%s', (_, rows) => {
  const listed = new Map(rows.map(([name = '', value]) => [codeIn(name)[0] ?? '', value]))

  it('lists every option once, and nothing else', () => {
    expect(rows).toHaveLength(listed.size)
    expect(new Set(listed.keys())).toEqual(new Set(Object.keys(OPTIONS)))
  })

  it.each(Object.entries(OPTIONS))('gives the default of %s: %s', (name, value) => {
    const cell = begins(listed.get(name))
    expect(cell.startsWith(String(value))).toBe(true)
    // `5` must not pass for `5000`.
    expect(cell.slice(String(value).length)).toMatch(/^\W|^$|^url/)
  })
})

describe('what docs/options.md says beside', () => {
  it('of defaults that depend on something', () => {
    const cells = new Map(docs.map(([name = '', , value = '']) => [codeIn(name)[0], codeIn(value)]))
    const [, , , fallback] = docs.find(([name]) => name === '`httpFallback`') ?? []
    const { afterAttempts, coolDownMs } = FALLBACK_DEFAULTS
    expect(fallback).toContain(`after ${afterAttempts} failed attempts, for ${coolDownMs} ms`)
    expect(cells.get('maxAgeMs')).toEqual([String(openai.maxAgeMs)])
    expect(cells.get('maxFrameBytes')).toEqual(
      [DEFAULTS.maxFrameBytes, DEFAULTS.frameMarginBytes].map(String),
    )
  })

  it.each(docs.map(([name = '', , , , example = '']) => [codeIn(name)[0] ?? '', codeIn(example)[0] ?? '']))(
    'the example of %s is taken: %s',
    async (name, example) => {
      const scope = {
        Secret,
        SimulatedClock,
        azure,
        xai,
        fetchKey: () => 'key',
        record: () => {},
        WebSocket,
      }
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the text is this project's own
      const evaluate = new Function(...Object.keys(scope), `return { ${example} }`)
      const options = evaluate(...Object.values(scope)) as object
      expect(Object.keys(options)).toEqual([name.split('.')[0]])
      const connection = new ResponsesConnection(options)
      expect(connection.state).toBe('idle')
      await connection[Symbol.asyncDispose]()
    },
  )
})

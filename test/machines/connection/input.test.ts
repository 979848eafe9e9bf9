import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { type ConnectionInput, connectionChart } from '../../../machines/index.ts'
import { resolveInput } from '../../../machines/connection/resolve-input.ts'
import { BadOptionError } from '../../../src/protocol/errors.ts'
import { azure } from '../../../src/protocol/providers.ts'
import { Secret } from '../../../src/protocol/secret.ts'

const PLANTED = 'sk-planted-0123456789'

function problemWith(input: object): BadOptionError {
  try {
    resolveInput(input as ConnectionInput)
  } catch (error) {
    if (error instanceof BadOptionError) return error
    throw error
  }
  throw new Error('the input was taken')
}

describe('a bad option is refused with its path', () => {
  it.each([
    ['apiKey', { apiKey: PLANTED }],
    ['apiKey', { apiKey: new Secret('') }],
    ['apiKey', { apiKey: null }],
    ['url', { url: 'https://api.openai.com/v1/responses' }],
    ['url', { url: 'not a url' }],
    ['url', { url: 'wss://host/#fragment' }],
    ['url', { url: `wss://user:${PLANTED}@host/` }],
    ['url', { url: new Secret('ftp://host/') }],
    ['url', { provider: azure }],
    ['provider', { provider: 'openai' }],
    ['headers.authorization', { headers: { authorization: `Bearer ${PLANTED}` } }],
    ['headers.x-a', { headers: { 'x-a': `1\r\nx-b: ${PLANTED}` } }],
    ['headers.x-a', { headers: { 'x-a': new Secret(`1\n${PLANTED}`) } }],
    ['headers.x-a', { headers: { 'x-a': 1 } }],
    ['headers.x a', { headers: { 'x a': '1' } }],
    ['auth.mode', { auth: { mode: 'basic' } }],
    ['auth.token', { auth: { mode: 'authorization-bearer', token: PLANTED } }],
    ['auth.headerName', { auth: { mode: 'header', headerName: 'a b', value: new Secret('x') } }],
    ['proxy.url', { proxy: { mode: 'explicit-proxy', url: 'socks5://host' } }],
    ['proxy.url', { proxy: { mode: 'explicit-proxy', url: `http://u:${PLANTED}@host` } }],
    ['tls.key', { tls: { key: PLANTED } }],
    ['tls.rejectUnauthorized', { tls: { rejectUnauthorized: false } }],
    ['tls.insecureSkipVerify', { tls: { insecureSkipVerify: true } }],
    ['tls.cas', { tls: { cas: 'x' } }],
    ['maxRetries', { maxRetries: -1 }],
    ['maxRetries', { maxRetries: 1.5 }],
    ['backoffDelaysMs', { backoffDelaysMs: [] }],
    ['backoffDelaysMs.1', { backoffDelaysMs: [1, -1] }],
    ['backoffDelaysMs.0', { backoffDelaysMs: [Infinity] }],
    ['jitter', { jitter: 'full' }],
    ['random', { random: 0.5 }],
    ['connectTimeoutMs', { connectTimeoutMs: Number.NaN }],
    ['connectTimeoutMs', { connectTimeoutMs: 2 ** 31 }],
    ['pingIntervalMs', { pingIntervalMs: true }],
    ['turnBudgetMs', { maxAgeMs: 1_000, turnBudgetMs: 1_000 }],
    ['maxPayloadBytes', { maxPayloadBytes: 0 }],
    ['subprotocols.0', { subprotocols: ['a,b'] }],
    ['maxRetrys', { maxRetrys: 3 }],
  ])('%s', (path, input) => {
    const error = problemWith(input)
    expect(error).toMatchObject({ path, code: 'ERR_BAD_OPTION' })
    expect(error.message).toContain(`"${path}"`)
    expect(error.message).not.toContain(PLANTED)
  })

  it('when the actor is made: it never runs, and its error says why', () => {
    const actor = createActor(connectionChart, { input: { maxRetries: -1 } })
    expect(actor.getSnapshot().status).toBe('error')
    expect(actor.getSnapshot().error).toBeInstanceOf(BadOptionError)
  })
})

describe('what a good input resolves to', () => {
  it('shows the endpoint without user, password and query', () => {
    const { endpoint } = resolveInput({ url: new Secret(`wss://u:p@host:81/v1/responses?key=${PLANTED}`) })
    expect(endpoint).toBe('wss://host:81/v1/responses')
  })

  it('keeps every secret in one seal', () => {
    const resolved = resolveInput({
      apiKey: new Secret(PLANTED),
      headers: { authorization: new Secret(PLANTED) },
      auth: { mode: 'header', headerName: 'api-key', value: new Secret(PLANTED) },
      proxy: { mode: 'explicit-proxy', url: new Secret(`http://u:${PLANTED}@host`) },
      tls: { key: new Secret(PLANTED), passphrase: new Secret(PLANTED) },
    })
    expect(JSON.stringify(resolved)).not.toContain(PLANTED)
    expect(Secret.reveal(resolved.transport)).toMatchObject({
      headers: { authorization: PLANTED },
      auth: { value: PLANTED },
      tls: { key: PLANTED, passphrase: PLANTED },
    })
  })

  it('keeps a margin below the provider’s frame limit', () => {
    const { transport } = resolveInput({})
    expect(Secret.reveal(transport).maxFrameBytes).toBe(16 * 1024 * 1024 - 64 * 1024)
  })
})

import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { type ConnectionInput, connectionChart } from '../../../machines/index.ts'
import { sealedInput } from '../../../src/protocol/options/seal.ts'
import { BadOptionError } from '../../../src/protocol/errors.ts'
import { azure, openai } from '../../../src/protocol/providers.ts'
import { Secret } from '../../../src/protocol/secret.ts'

const PLANTED = 'sk-planted-0123456789'

function problemWith(input: object): BadOptionError {
  try {
    sealedInput(input as ConnectionInput)
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
    ['request.headers.cookie', { request: { headers: { cookie: PLANTED } } }],
    ['request.auth.mode', { request: { auth: { mode: 'basic' } } }],
    ['request.auth.token', { request: { auth: { mode: 'authorization-bearer', token: PLANTED } } }],
    [
      'request.auth.headerName',
      { request: { auth: { mode: 'header', headerName: 'a b', value: new Secret('x') } } },
    ],
    ['request.proxy.url', { request: { proxy: { mode: 'explicit-proxy', url: 'ftp://host' } } }],
    [
      'request.proxy.url',
      { request: { proxy: { mode: 'explicit-proxy', url: `http://u:${PLANTED}@host` } } },
    ],
    ['request.tls.key', { request: { tls: { key: PLANTED } } }],
    ['request.proxy.tls.key', { request: { proxy: { mode: 'env-proxy', tls: { key: PLANTED } } } }],
    ['request.tls.rejectUnauthorized', { request: { tls: { rejectUnauthorized: false } } }],
    ['request.tls.insecureSkipVerify', { request: { tls: { insecureSkipVerify: true } } }],
    ['request.tls.cas', { request: { tls: { cas: 'x' } } }],
    ['tls', { tls: { key: PLANTED } }],
    ['provider.url', { provider: { name: 'mine' } }],
    ['provider.lanes.inFlight', { provider: { ...openai, lanes: {} } }],
    ['provider.lanes.inFlight', { provider: { ...openai, lanes: { inFlight: '2', names: 1 } } }],
    ['provider.maxAgeMs', { provider: { ...openai, maxAgeMs: '55 min' } }],
    ['provider.maxFrameBytes', { provider: { ...openai, maxFrameBytes: '1MB' } }],
    ['provider.lane', { provider: { ...openai, lane: null } }],
    ['provider.url', { provider: { ...openai, url: 'https://host/' } }],
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
    const { endpoint } = sealedInput({ url: new Secret(`wss://u:p@host:81/v1/responses?key=${PLANTED}`) })
    expect(endpoint).toBe('wss://host:81/v1/responses')
  })

  it('keeps every secret in one seal', () => {
    const resolved = sealedInput({
      apiKey: new Secret(PLANTED),
      headers: { authorization: new Secret(PLANTED) },
      request: {
        auth: { mode: 'header', headerName: 'api-key', value: new Secret(PLANTED) },
        proxy: { mode: 'explicit-proxy', url: new Secret(`http://u:${PLANTED}@host`) },
        tls: { key: new Secret(PLANTED), passphrase: new Secret(PLANTED) },
      },
    })
    expect(JSON.stringify(resolved)).not.toContain(PLANTED)
    expect(Secret.reveal(resolved.transport)).toMatchObject({
      headers: { authorization: PLANTED },
      auth: { value: PLANTED },
      tls: { key: PLANTED, passphrase: PLANTED },
    })
  })

  it('keeps a margin below the provider’s frame limit', () => {
    const { transport } = sealedInput({})
    expect(Secret.reveal(transport).maxFrameBytes).toBe(16 * 1024 * 1024 - 64 * 1024)
  })
})

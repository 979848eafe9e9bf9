import { expect, it } from 'vitest'
import { type ConnectionInput, connectionChart } from '../../../machines/index.ts'
import { type ProviderProfile, Secret, openai } from '../../../src/protocol/index.ts'
import { initialTransition } from 'xstate'

/** What the socket actor would be given, opened. */
function transportOf(input: ConnectionInput) {
  const [{ context }] = initialTransition(connectionChart, input)
  return Secret.reveal(context.transport)
}

it('takes a proxy from the environment, with TLS of its own', () => {
  const { proxy } = transportOf({
    request: { proxy: { mode: 'env-proxy', tls: { ca: 'PEM', key: new Secret('K') } } },
  })
  expect(proxy).toEqual({ mode: 'env-proxy', tls: { ca: 'PEM', key: 'K' } })
})

it.each([new Secret('http://user:pass@proxy.test/'), 'http://proxy.test/'])(
  'takes an explicit proxy: %s',
  (url) => {
    const { proxy } = transportOf({ request: { proxy: { mode: 'explicit-proxy', url } } })
    expect(proxy).toEqual({ mode: 'explicit-proxy', url: typeof url === 'string' ? url : Secret.reveal(url) })
  },
)

it.each([
  [
    { mode: 'authorization-bearer', token: new Secret('T') },
    { mode: 'authorization-bearer', token: 'T' },
  ],
  [
    { mode: 'header', headerName: 'api-key', value: new Secret('V'), prefix: 'Key' },
    { mode: 'header', headerName: 'api-key', value: 'V', prefix: 'Key' },
  ],
  [{ mode: 'provider-default' }, { mode: 'provider-default' }],
] as const)('opens the seals of auth only inside its own', (auth, opened) => {
  expect(transportOf({ request: { auth } }).auth).toEqual(opened)
})

it('asks for what the provider asks for', () => {
  const provider: ProviderProfile = {
    ...openai,
    name: 'mine',
    betaHeader: 'responses=v1',
    subprotocols: ['a'],
    maxAgeMs: null,
    maxFrameBytes: null,
  }
  const transport = transportOf({ provider })
  expect(transport.headers).toEqual({ 'OpenAI-Beta': 'responses=v1' })
  expect(transport.subprotocols).toEqual(['a'])
  expect(transport.maxFrameBytes).toBe(16 * 1024 * 1024 - 64 * 1024)
  const [{ context }] = initialTransition(connectionChart, { provider })
  expect(context.settings.ripeAfterMs).toBe(false)
})

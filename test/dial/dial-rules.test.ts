import { describe, expect, test } from 'vitest'
import type { CredentialRequest } from '../../src/protocol/secret.ts'
import { Secret } from '../../src/protocol/secret.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import { KEY, deferred, drive } from '../socket/harness.ts'
import { accept, listenTcp } from '../socket/server.ts'

const SECRET = 'planted-4711'

/** The headers that a server sees. */
async function headersSeen(options: Partial<TransportOptions>) {
  const seen = deferred<NodeJS.Dict<string | string[]>>()
  const { url } = await accept((_peer, { headers }) => seen.resolve(headers))
  drive({ url, ...options })
  return seen.promise
}

async function lossOf(options: Partial<TransportOptions>) {
  const { loss } = await drive({ url: 'ws://127.0.0.1:1/', ...options }).fact('socket.lost')
  expect(JSON.stringify(loss)).not.toContain(SECRET)
  return loss
}

describe('the credential', () => {
  test('is asked for on every attempt, and told whether to renew', async () => {
    const { url } = await accept()
    const asked: CredentialRequest[] = []
    const credential = (request: CredentialRequest) => {
      asked.push(request)
      return new Secret(`key ${asked.length}`)
    }
    await drive({ url, credential }).fact('socket.opened')
    await drive({ url, credential }, { renew: true }).fact('socket.opened')
    expect(asked.map(({ renew }) => renew)).toEqual([false, true])
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, false])
  })

  test('may be promised', async () => {
    const headers = await headersSeen({ credential: () => Promise.resolve(new Secret('later')) })
    expect(headers['authorization']).toBe('Bearer later')
  })

  test('its signal aborts on cleanup, and a late answer dials nothing', async () => {
    let connections = 0
    const port = await listenTcp(() => (connections += 1))
    const late = deferred<Secret>()
    let signal: AbortSignal | undefined
    const credential = (request: CredentialRequest) => {
      signal = request.signal
      return late.promise
    }
    const run = drive({ url: `ws://127.0.0.1:${port}/`, credential })
    run.hangUp()
    expect(signal?.aborted).toBe(true)
    late.resolve(new Secret('late'))
    await new Promise(setImmediate)
    expect(connections).toBe(0)
    expect(run.facts).toEqual([])
  })

  test.each([
    ['null', null],
    ['an empty one', new Secret('')],
    ['one of undefined', new Secret(undefined as unknown as string)],
  ])('%s is missing', async (_name, credential) => {
    expect(await lossOf({ credential })).toMatchObject({
      phase: 'credential',
      error: 'ERR_CREDENTIAL_MISSING',
    })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error(SECRET)
      },
    ],
    ['rejects', () => Promise.reject(new Error(SECRET))],
    ['gives an empty Secret', () => new Secret('')],
    ['gives nothing', () => undefined as unknown as Secret],
    ['gives a Secret of an object', () => new Secret({ key: SECRET }) as unknown as Secret],
    ['gives a line break', () => new Secret(`${SECRET}\r\nx: y`)],
  ])('a provider that %s is at fault', async (_name, credential) => {
    expect(await lossOf({ credential })).toMatchObject({
      phase: 'credential',
      error: 'ERR_CREDENTIAL_PROVIDER',
    })
  })

  test('a fixed key with a line break is a bad option', async () => {
    const loss = await lossOf({ credential: new Secret(`${SECRET}\n`) })
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
  })

  test('an Authorization header of your own will do', async () => {
    const headers = await headersSeen({ credential: null, headers: { authorization: 'Basic x' } })
    expect(headers['authorization']).toBe('Basic x')
  })
})

describe('auth modes', () => {
  test.each([
    ['the default', { mode: 'provider-default' }, 'authorization', `Bearer ${KEY}`],
    ['a bearer token', { mode: 'authorization-bearer', token: 't' }, 'authorization', 'Bearer t'],
    ['a header', { mode: 'header', headerName: 'api-key', value: 'v' }, 'api-key', 'v'],
    [
      'a header with a prefix',
      { mode: 'header', headerName: 'X-Key', value: 'v', prefix: 'Token' },
      'x-key',
      'Token v',
    ],
  ] as const)('%s', async (_name, auth, header, value) => {
    const headers = await headersSeen({
      auth,
      headers: { AUTHORIZATION: 'other', 'API-KEY': 'other', 'x-trace': '1' },
    })
    expect(headers[header]).toBe(value)
    expect(headers['x-trace']).toBe('1')
  })

  test('only the default asks for the credential', async () => {
    let asked = 0
    const credential = () => {
      asked += 1
      return new Secret('k')
    }
    const headers = await headersSeen({ credential, auth: { mode: 'authorization-bearer', token: 't' } })
    expect(headers['authorization']).toBe('Bearer t')
    expect(asked).toBe(0)
  })
})

describe('headers', () => {
  test.each([
    ['a line break in a value', { 'x-a': `${SECRET}\r\nx-b: c` }],
    ['a line break in a name', { [`x-a: ${SECRET}\r\nx-b`]: 'c' }],
    ['a zero byte', { 'x-a': `${SECRET}\0` }],
    ['a character beyond Latin-1', { 'x-a': `${SECRET}€` }],
    ['an empty name', { '': SECRET }],
    ['a header of the handshake', { 'Sec-WebSocket-Key': SECRET }],
    ['a header of the framing', { 'transfer-encoding': SECRET }],
    ['a value that is no string', { 'x-a': 5 as unknown as string }],
  ])('%s is a bad option', async (_name, headers) => {
    const loss = await lossOf({ headers })
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
    expect(loss.reason).toMatch(/^Option "headers/)
  })

  test.each([
    { mode: 'authorization-bearer', token: `${SECRET}\r\nx: y` },
    { mode: 'header', headerName: 'x-a', value: `${SECRET}\n` },
    { mode: 'header', headerName: 'x-a', value: 'v', prefix: `${SECRET}\n` },
    { mode: 'header', headerName: `x ${SECRET}`, value: 'v' },
  ] as const)('so is %j as auth', async (auth) => {
    expect(await lossOf({ auth })).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
  })
})

describe('the URL', () => {
  test.each(['nonsense', 'http://127.0.0.1/', 'ws+unix:///tmp/x', 'ws://127.0.0.1/#part'])(
    '%s is a bad option',
    async (url) => {
      expect(await lossOf({ url })).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
    },
  )

  test.each([
    ['the key', {}],
    ['a token', { credential: null, auth: { mode: 'authorization-bearer', token: 't' } }],
    ['a header', { credential: null, headers: { 'X-Api-Key': 'v' } }],
    ['a user in the URL', { credential: null, url: 'ws://user:pass@192.0.2.1/' }],
    [
      'loopback behind a proxy elsewhere',
      { url: 'ws://localhost/', proxy: { mode: 'explicit-proxy', url: 'http://192.0.2.1' } },
    ],
  ] as const)('ws:// to another machine is refused with %s', async (_name, options) => {
    let asked = 0
    const credential = () => ((asked += 1), new Secret(SECRET))
    const loss = await lossOf({ url: 'ws://192.0.2.1/', credential, ...options })
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_INSECURE_URL' })
    expect(asked).toBe(0)
  })

  test('localhost is this machine', async () => {
    const { port } = await accept()
    const run = drive({ url: `ws://localhost:${port}/` })
    await expect(run.fact('socket.opened')).resolves.toBeDefined()
  })

  test('allowInsecure allows it', async () => {
    let dialed = ''
    const factory = (url: string) => {
      dialed = url
      throw new Error('enough')
    }
    await drive({ url: 'ws://192.0.2.1/', allowInsecure: true }, { factory }).fact('socket.lost')
    expect(dialed).toBe('ws://192.0.2.1/')
  })
})

describe('what ws is given', () => {
  test('subprotocols are offered, and a server that picks none ends the dial', async () => {
    const seen = deferred<unknown>()
    const { url } = await accept((_peer, { headers }) => seen.resolve(headers['sec-websocket-protocol']), {
      subprotocol: 'b.v1',
    })
    await drive({ url, subprotocols: ['a.v1', 'b.v1'] }).fact('socket.opened')
    expect(await seen.promise).toBe('a.v1,b.v1')
    const plain = await accept((peer) => peer.close())
    plain.sockets.options.handleProtocols = () => false
    const { loss } = await drive({ url: plain.url, subprotocols: ['a.v1'] }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', reason: 'Dialing failed: Server sent no subprotocol.' })
  })

  test.each([[['a', 'a']], [['a b']], [['']]])(
    'the subprotocols %j are a bad option',
    async (subprotocols) => {
      expect(await lossOf({ subprotocols })).toMatchObject({ error: 'ERR_BAD_OPTION' })
    },
  )

  test('compression is offered when asked for', async () => {
    const headers = await headersSeen({ perMessageDeflate: true })
    expect(headers['sec-websocket-extensions']).toMatch(/permessage-deflate/)
  })

  test('a factory gets everything', async () => {
    const given = deferred<Record<string, unknown>>()
    const factory = (_url: string, options: object) => {
      given.resolve(options as Record<string, unknown>)
      throw new Error('enough')
    }
    drive({ url: 'wss://127.0.0.1/', maxPayloadBytes: 9, subprotocols: ['p'] }, { factory })
    expect(await given.promise).toMatchObject({
      headers: { Authorization: `Bearer ${KEY}` },
      protocols: ['p'],
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: 9,
      rejectUnauthorized: true,
    })
    expect(await given.promise).not.toHaveProperty('handshakeTimeout')
  })
})

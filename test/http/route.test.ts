import type { IncomingHttpHeaders } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { CredentialRequest } from '../../src/protocol/secret.ts'
import { Secret } from '../../src/protocol/secret.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../dial/certificates.ts'
import { fakeDns } from '../dial/fake-dns.ts'
import { proxyServer } from '../dial/proxy-server.ts'
import { listenTcp } from '../socket/server.ts'
import { COMPLETED, KEY, errorOf, responses, serve, serveStream, sse, stream } from './harness.ts'

/** The headers that a server sees. */
async function headersSeen(options: Partial<TransportOptions>): Promise<IncomingHttpHeaders> {
  let seen: IncomingHttpHeaders = {}
  const { url } = await serve((request, response) => {
    seen = request.headers
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(COMPLETED))
  })
  await stream({ ...options, url: options.url ?? url }).result
  return seen
}

const through = (url: string) => ({ proxy: { mode: 'explicit-proxy', url } }) as const

describe('the request', () => {
  test('goes to path and query of the URL', async () => {
    let seen = ''
    const { port } = await serve((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers.host}`
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(COMPLETED))
    })
    await stream({ url: `ws://localhost:${port}/v1/responses?a=b%20c` }).result
    expect(seen).toBe(`POST /v1/responses?a=b%20c localhost:${port}`)
  })

  test('has the key, the headers, and its own ones', async () => {
    const headers = {
      'x-trace': '1',
      Accept: 'text/html',
      'Accept-Encoding': 'gzip',
      'content-TYPE': 'text/plain',
    }
    expect(await headersSeen({ headers })).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'x-trace': '1',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'content-length': '40',
      connection: 'close',
    })
  })

  test.each([
    ['a bearer token', { mode: 'authorization-bearer', token: 't' }, 'authorization', 'Bearer t'],
    ['a header', { mode: 'header', headerName: 'api-key', value: 'v' }, 'api-key', 'v'],
    [
      'a header with a prefix',
      { mode: 'header', headerName: 'X-Key', value: 'v', prefix: 'Token' },
      'x-key',
      'Token v',
    ],
  ] as const)('authenticates by %s', async (_name, auth, header, value) => {
    expect((await headersSeen({ auth }))[header]).toBe(value)
  })

  test('authenticates by the user of the URL', async () => {
    let seen: string | undefined
    const { port } = await serve((request, response) => {
      seen = request.headers.authorization
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(COMPLETED))
    })
    const auth = { mode: 'header', headerName: 'x-key', value: 'v' } as const
    await stream({ url: `ws://me%40home:p%zz@127.0.0.1:${port}/`, auth }).result
    expect(seen).toBe(`Basic ${Buffer.from('me@home:p%zz').toString('base64')}`)
  })

  test('asks the provider, and tells whether to renew', async () => {
    const server = await responses()
    const asked: CredentialRequest[] = []
    const credential = (request: CredentialRequest) => (asked.push(request), new Secret('k'))
    await stream({ url: server.url, credential }).result
    await stream({ url: server.url, credential }, { renew: true }).result
    expect(asked.map(({ renew }) => renew)).toEqual([false, true])
  })

  test.each([
    ['no credential', { credential: null }, 'ERR_CREDENTIAL_MISSING'],
    [
      'a provider that fails',
      { credential: () => Promise.reject(new Error('x')) },
      'ERR_CREDENTIAL_PROVIDER',
    ],
    ['a line break in a header', { headers: { 'x-a': 'b\r\nx-c: d' } }, 'ERR_BAD_OPTION'],
    ['a header of the framing', { headers: { 'transfer-encoding': 'chunked' } }, 'ERR_BAD_OPTION'],
    ['a certificate that is none', { tls: { ca: 'x', cert: 'x', key: 'x' } }, 'ERR_BAD_OPTION'],
    ['a URL of another scheme', { url: 'http://127.0.0.1:1/' }, 'ERR_BAD_OPTION'],
    ['a fragment', { url: 'ws://127.0.0.1:1/#a' }, 'ERR_BAD_OPTION'],
    ['a key over ws:// to another machine', { url: 'ws://192.0.2.1/' }, 'ERR_INSECURE_URL'],
    ['a private address', { allowPrivateNetwork: false }, 'ERR_PRIVATE_ADDRESS'],
    ['a proxy that is none', through('ftp://127.0.0.1:1'), 'ERR_BAD_OPTION'],
  ] as const)('is not sent with %s', async (_name, options, code) => {
    let connections = 0
    const port = await listenTcp(() => (connections += 1))
    const error = await errorOf(stream({ url: `ws://127.0.0.1:${port}/`, ...options }).result)
    expect(error['code']).toBe(code)
    expect(connections).toBe(0)
  })

  test('a name that leads to a private address is not dialed', async () => {
    fakeDns({ 'api.example.test': ['8.8.8.8', '127.0.0.1'] })
    let connections = 0
    const port = await listenTcp(() => (connections += 1))
    const url = `ws://api.example.test:${port}/`
    const error = await errorOf(stream({ url, allowInsecure: true, allowPrivateNetwork: false }).result)
    expect(error['code']).toBe('ERR_PRIVATE_ADDRESS')
    expect(connections).toBe(0)
  })
})

describe('a CONNECT proxy', () => {
  test('is used for ws://', async () => {
    const { url, port } = await serveStream(sse(COMPLETED))
    const proxy = await proxyServer({ auth: 'me:p:ss' })
    let sent = 0
    const options = { url, ...through(proxy.url.replace('://', '://me:p%3Ass@')) }
    await stream(options, { onSent: () => void (sent += 1) }).result
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`])
    expect(sent).toBe(1)
  })

  test('that wants a password is told apart from the endpoint, and gets nothing of the request', async () => {
    let heard = ''
    const port = await listenTcp((socket) =>
      socket.on('data', (data) => {
        heard += data.toString()
        socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n')
      }),
    )
    let sent = 0
    const options = { url: 'ws://127.0.0.1:2/', ...through(`http://127.0.0.1:${port}`) }
    const error = await errorOf(stream(options, { onSent: () => void (sent += 1) }).result)
    expect(error).toMatchObject({ code: 'ERR_PROXY_REFUSED' })
    expect(error.message).toContain('Check the user and password of the proxy.')
    expect(sent).toBe(0)
    expect(heard).toMatch(/^CONNECT 127\.0\.0\.1:2 /)
    expect(heard).not.toMatch(/POST|Bearer|"model"/)
  })

  test.each([
    ['is down', async () => 'http://127.0.0.1:1'],
    [
      'hangs up',
      async () =>
        `http://127.0.0.1:${await listenTcp((socket) => void socket.once('data', () => socket.end()))}`,
    ],
  ])('that %s leaves the request unsent', async (_name, proxy) => {
    const error = await errorOf(stream({ url: 'ws://127.0.0.1:2/', ...through(await proxy()) }).result)
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED', progress: 'unsent' })
  })

  test('from the environment', async () => {
    const { url } = await serveStream(sse(COMPLETED))
    const proxy = await proxyServer()
    const before = process.env['HTTP_PROXY']
    const noProxy = Object.entries(process.env).filter(([name]) => /^no_proxy$/i.test(name))
    for (const [name] of noProxy) delete process.env[name]
    process.env['HTTP_PROXY'] = proxy.url
    onTestFinished(() => {
      if (before === undefined) delete process.env['HTTP_PROXY']
      else process.env['HTTP_PROXY'] = before
      Object.assign(process.env, Object.fromEntries(noProxy))
    })
    await stream({ url }).result
    expect(proxy.asked).toEqual([])
    await stream({ url, proxy: { mode: 'env-proxy' } }).result
    expect(proxy.asked).toHaveLength(1)
  })
})

describe.skipIf(!hasOpenssl())('TLS', () => {
  let made: Certificates
  beforeAll(() => void (made = makeCertificates()))
  afterAll(() => made.remove())

  test('the local server, whose authority is named', async () => {
    const server = await responses({ tls: made.server })
    const order: string[] = []
    const onSent = () => void order.push('sent')
    const run = stream({ url: server.url, tls: { ca: made.ca } }, { onSent })
    expect(await run.result).toMatchObject({ type: 'response.completed' })
    expect(order).toEqual(['sent'])
  })

  test.each([
    ['an unknown authority', () => made.server, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['its own authority', () => made.stranger, {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another name', () => made.named, { ca: 'ca' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'another name than asked for',
      () => made.server,
      { ca: 'ca', serverName: 'other.test' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['an expired one', () => made.expired, { ca: 'ca' }, 'CERT_HAS_EXPIRED'],
  ] as const)('a certificate of %s is refused, and nothing is sent', async (_name, pair, tls, errno) => {
    let requests = 0
    const { url } = await serve(() => (requests += 1), pair())
    const options = { url, tls: { ...tls, ...('ca' in tls ? { ca: made.ca } : {}) } }
    expect(await errorOf(stream(options).result)).toMatchObject({
      code: 'ERR_CERTIFICATE',
      errno,
      progress: 'unsent',
    })
    expect(requests).toBe(0)
  })

  test('a Host header does not change the name that is checked', async () => {
    const { url } = await serve(() => {}, made.named)
    const options = { url, tls: { ca: made.ca }, headers: { host: 'api.example.test' } }
    expect(await errorOf(stream(options).result)).toMatchObject({ errno: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    onTestFinished(() => void delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
    const { url } = await serve(() => {}, made.server)
    expect(await errorOf(stream({ url }).result)).toMatchObject({ code: 'ERR_CERTIFICATE' })
  })

  test('a name to ask for, and a client certificate', async () => {
    let seen: unknown[] = []
    const { url } = await serve(
      (request, response) => {
        const socket = request.socket as TLSSocket
        seen = [(socket as { servername?: unknown }).servername, socket.getPeerCertificate().subject.CN]
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(COMPLETED))
      },
      { ...made.named, ca: made.ca, requestCert: true },
    )
    await stream({ url, tls: { ca: made.ca, serverName: 'api.example.test', ...made.client } }).result
    expect(seen).toEqual(['api.example.test', 'client'])
  })

  test('through a proxy that speaks TLS as well, each with its own options', async () => {
    const server = await responses({ tls: made.server })
    const proxy = await proxyServer({ tls: made.named })
    const tls = { ca: made.ca, serverName: 'api.example.test' }
    const proxied = { mode: 'explicit-proxy', url: proxy.url, tls } as const
    let sent = 0
    const onSent = () => void (sent += 1)
    await stream({ url: server.url, proxy: proxied, tls: { ca: made.ca } }, { onSent }).result
    expect(sent).toBe(1)
    const error = await errorOf(stream({ url: server.url, proxy: proxied }, { onSent }).result)
    expect(error).toMatchObject({ code: 'ERR_CERTIFICATE', progress: 'unsent' })
    expect(sent).toBe(1)
    expect(server.creates()).toBe(1)
  })

  test('with public addresses only, the address that was checked is the one the proxy gets', async () => {
    fakeDns({ 'api.example.test': ['8.8.4.4'] })
    const server = await responses({ tls: made.named })
    const proxy = await proxyServer({ port: server.port })
    const options = {
      url: 'wss://api.example.test/v1/responses',
      tls: { ca: made.ca },
      allowPrivateNetwork: false,
    }
    await stream({ ...options, ...through(proxy.url) }).result
    expect(proxy.asked).toEqual(['8.8.4.4:443'])
  })
})

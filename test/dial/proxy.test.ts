import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts'
import { fakeDns } from './fake-dns.ts'
import { deferred, drive } from '../socket/harness.ts'
import { proxyServer } from './proxy-server.ts'
import { socksServer } from './socks-server.ts'
import { accept, listenTcp } from '../socket/server.ts'

const through = (url: string) => ({ proxy: { mode: 'explicit-proxy', url } }) as const
const withUser = (url: string, user: string) => url.replace('://', `://${user}@`)

function clearProxyVariables(): void {
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name]
}

/** Puts these variables in the place of all proxy variables until the test ends. */
function environment(variables: Record<string, string>): void {
  const before = Object.entries(process.env).filter(([name]) => /_proxy$/i.test(name))
  clearProxyVariables()
  Object.assign(process.env, variables)
  onTestFinished(() => {
    clearProxyVariables()
    Object.assign(process.env, Object.fromEntries(before))
  })
}

describe('a CONNECT proxy', () => {
  test('is used for ws://', async () => {
    const { url, port } = await accept()
    const proxy = await proxyServer()
    await drive({ url, ...through(proxy.url) }).fact('socket.opened')
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`])
  })

  test('gets user and password, percent escapes undone', async () => {
    const { url } = await accept()
    const proxy = await proxyServer({ auth: 'me@home:p:ss' })
    const run = drive({ url, ...through(withUser(proxy.url, 'me%40home:p%3Ass')) })
    await expect(run.fact('socket.opened')).resolves.toBeDefined()
  })

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required', 'ERR_PROXY_REFUSED', 'user and password of the proxy'],
    ['HTTP/1.1 401 Unauthorized', 'ERR_PROXY_REFUSED', 'answered CONNECT with status 401'],
    ['HTTP/1.1 404 Not Found', 'ERR_PROXY_REFUSED', 'answered CONNECT with status 404'],
    ['HTTP/1.1 502 Bad Gateway', 'ERR_DIAL_FAILED', 'answered CONNECT with status 502'],
  ])('that answers %s is told apart from the endpoint', async (line, error, said) => {
    const port = await listenTcp((socket) => socket.once('data', () => socket.end(`${line}\r\n\r\n`)))
    const run = drive({ url: 'ws://127.0.0.1:2/', ...through(`http://127.0.0.1:${port}`) })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error })
    expect(loss.reason).toContain('The proxy, not the endpoint')
    expect(loss.reason).toContain(said)
    expect(run.facts).toHaveLength(1)
  })

  test('opens the tunnel with any 2xx', async () => {
    const { url } = await accept()
    const proxy = await proxyServer({ status: '201 Created' })
    await expect(drive({ url, ...through(proxy.url) }).fact('socket.opened')).resolves.toBeDefined()
  })

  test('that is down ends the dial', async () => {
    const { loss } = await drive({ url: 'ws://127.0.0.1:2/', ...through('http://127.0.0.1:1') }).fact(
      'socket.lost',
    )
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_DIAL_FAILED', errno: 'ECONNREFUSED' })
  })

  test('that hangs up ends the dial', async () => {
    const port = await listenTcp((socket) => socket.once('data', () => socket.end()))
    const { loss } = await drive({ url: 'ws://127.0.0.1:2/', ...through(`http://127.0.0.1:${port}`) }).fact(
      'socket.lost',
    )
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
  })

  test.each([
    ['ftp://127.0.0.1:1', 'must be a URL of http:, https: or socks5:, not ftp:'],
    ['nonsense', 'is no URL'],
    ['http://a%zz:b@127.0.0.1:1', 'has a user or password with a broken percent escape'],
  ])('%s is a bad option', async (url, problem) => {
    const { loss } = await drive({ url: 'ws://127.0.0.1:2/', ...through(url) }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
    expect(loss.reason).toBe(`Option "proxy.url" ${problem}. Nothing was started.`)
  })
})

describe('a SOCKS proxy', () => {
  test('is used, and resolves the name with socks5h:', async () => {
    const { port } = await accept()
    const proxy = await socksServer()
    await drive({ url: `ws://localhost:${port}/`, ...through(proxy.url) }).fact('socket.opened')
    expect(proxy.asked).toEqual([`localhost:${port}`])
  })

  test('that is down, or refuses, ends the dial', async () => {
    for (const url of ['socks5://127.0.0.1:1', (await socksServer({ refuses: true })).url]) {
      const { loss } = await drive({ url: 'ws://127.0.0.1:2/', ...through(url) }).fact('socket.lost')
      expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
    }
  })

  test('that says nothing is left when the dial is given up', async () => {
    const ended = deferred<void>()
    const port = await listenTcp((socket) => {
      socket.on('data', () => {})
      socket.on('close', () => ended.resolve())
      dialed.resolve()
    })
    const dialed = deferred<void>()
    const run = drive({ url: 'ws://127.0.0.1:2/', ...through(`socks5://127.0.0.1:${port}`) })
    await dialed.promise
    run.send({ type: 'close', code: 1000, reason: '' })
    await expect(ended.promise).resolves.toBeUndefined()
  })
})

describe('a proxy from the environment', () => {
  const env = { proxy: { mode: 'env-proxy' } } as const

  test('HTTP_PROXY is for ws://, and is read for every attempt', async () => {
    const { url } = await accept()
    const proxy = await proxyServer()
    environment({ HTTP_PROXY: proxy.url, HTTPS_PROXY: 'http://127.0.0.1:1' })
    await drive({ url, ...env }).fact('socket.opened')
    environment({})
    await drive({ url, ...env }).fact('socket.opened')
    expect(proxy.asked).toHaveLength(1)
  })

  test('HTTPS_PROXY is for wss://', async () => {
    const proxy = await proxyServer({ auth: 'a:b' })
    environment({ HTTPS_PROXY: proxy.url, HTTP_PROXY: 'http://127.0.0.1:1' })
    const { loss } = await drive({ url: 'wss://127.0.0.1:9/', ...env }).fact('socket.lost')
    expect(loss.error).toBe('ERR_PROXY_REFUSED')
    expect(proxy.asked).toEqual(['127.0.0.1:9'])
  })

  test('NO_PROXY is honoured', async () => {
    const { url } = await accept()
    environment({ ALL_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' })
    await expect(drive({ url, ...env }).fact('socket.opened')).resolves.toBeDefined()
  })

  test.each(['127.0.0.0/8', 'other.test, 10.0.0.0/8,127.0.0.1/32'])(
    'NO_PROXY takes networks: %s',
    async (network) => {
      const { url } = await accept()
      environment({ ALL_PROXY: 'http://127.0.0.1:1', NO_PROXY: network })
      await expect(drive({ url, ...env }).fact('socket.opened')).resolves.toBeDefined()
    },
  )

  test.each(['10.0.0.0/8', '::/0', '127.0.0.1/99', 'nonsense/8'])(
    'a network that the address is not in exempts nothing: %s',
    async (network) => {
      const { url } = await accept()
      environment({ ALL_PROXY: 'http://127.0.0.1:1', NO_PROXY: network })
      expect((await drive({ url, ...env }).fact('socket.lost')).loss.errno).toBe('ECONNREFUSED')
    },
  )

  test('ALL_PROXY may name a SOCKS proxy', async () => {
    const { url, port } = await accept()
    const proxy = await socksServer()
    environment({ ALL_PROXY: proxy.url })
    await drive({ url, ...env }).fact('socket.opened')
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`])
  })

  test('nothing is read from it unless asked for', async () => {
    const { url } = await accept()
    environment({ HTTP_PROXY: 'http://127.0.0.1:1', ALL_PROXY: 'http://127.0.0.1:1' })
    await expect(drive({ url }).fact('socket.opened')).resolves.toBeDefined()
  })
})

describe.skipIf(!hasOpenssl())('TLS through a proxy', () => {
  let made: Certificates
  beforeAll(() => void (made = makeCertificates()))
  afterAll(() => made.remove())

  test('the proxy and the server each have their own options', async () => {
    const { url } = await accept(undefined, { tls: { ...made.server, ca: made.ca, requestCert: true } })
    const proxy = await proxyServer({ tls: made.named })
    const tls = { ca: made.ca, serverName: 'api.example.test' }
    const proxied = { mode: 'explicit-proxy', url: proxy.url, tls } as const
    await drive({ url, proxy: proxied, tls: { ca: made.ca, ...made.client } }).fact('socket.opened')
    const { loss } = await drive({ url, proxy: proxied, tls: null }).fact('socket.lost')
    expect(loss).toMatchObject({ error: 'ERR_CERTIFICATE' })
    const untrusted = { mode: 'explicit-proxy', url: proxy.url } as const
    const other = await drive({ url, proxy: untrusted, tls: { ca: made.ca } }).fact('socket.lost')
    expect(other.loss).toMatchObject({ error: 'ERR_CERTIFICATE' })
  })

  test("a certificate for the proxy's address does not pass for the server's", async () => {
    const { port } = await accept(undefined, { tls: made.server })
    const proxy = await proxyServer({ port })
    const { loss } = await drive({ url: 'wss://8.8.8.8/', tls: { ca: made.ca }, ...through(proxy.url) }).fact(
      'socket.lost',
    )
    expect(loss).toMatchObject({ error: 'ERR_CERTIFICATE', errno: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(proxy.asked).toEqual(['8.8.8.8:443'])
  })

  test('with public addresses only, the address that was checked is the one the proxy gets', async () => {
    const { asked } = fakeDns({ 'api.example.test': ['8.8.4.4', '2001:4860:4860::8888'] })
    const { port } = await accept(undefined, { tls: made.named })
    const proxy = await proxyServer({ port })
    const options = { url: 'wss://api.example.test/', tls: { ca: made.ca }, allowPrivateNetwork: false }
    await drive({ ...options, ...through(proxy.url) }).fact('socket.opened')
    expect(proxy.asked).toEqual(['8.8.4.4:443'])
    expect(asked).toEqual(['api.example.test'])
  })

  test('with public addresses only, a private one does not reach the proxy', async () => {
    fakeDns({ 'api.example.test': ['8.8.4.4', '10.0.0.1'] })
    const proxy = await proxyServer()
    const options = { url: 'wss://api.example.test/', allowPrivateNetwork: false }
    const { loss } = await drive({ ...options, ...through(proxy.url) }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_PRIVATE_ADDRESS' })
    expect(proxy.asked).toEqual([])
  })
})

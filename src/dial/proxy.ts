import { lookup } from 'node:dns'
import { once } from 'node:events'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { type Socket, type TcpNetConnectOpts, connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type HttpsProxyAgentOptions, HttpsProxyAgent } from 'https-proxy-agent'
import ipaddr from 'ipaddr.js'
import { getProxyForUrl } from 'proxy-from-env'
import { SocksClient } from 'socks'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { BadOptionError, HoldlineError } from '../protocol/errors.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { unbracketed } from './host-name.ts'
import type * as PrivateNetwork from './private-network.ts'
import { type TlsConnectOptions, tlsConnectOptions } from './tls.ts'

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

const SOCKS = /^socks(?:4|4a|5|5h)?:$/

/**
 * The proxy for this attempt, or null. The environment is read anew on every call.
 *
 * @throws BadOptionError for a proxy that speaks neither HTTP nor SOCKS
 */
export function proxyUrlFor({ proxy, url }: TransportOptions): URL | null {
  if (proxy === null) return null
  const found = proxy.mode === 'explicit-proxy' ? proxy.url : proxyFromEnvironment(url)
  if (found === '') return null
  const path = proxy.mode === 'explicit-proxy' ? 'proxy.url' : 'proxy (from the environment)'
  if (!URL.canParse(found)) throw new BadOptionError(path, 'is no URL')
  const parsed = new URL(found)
  if (!/^https?:$/.test(parsed.protocol) && !SOCKS.test(parsed.protocol)) {
    throw new BadOptionError(path, `must be a URL of http:, https: or socks5:, not ${parsed.protocol}`)
  }
  return parsed
}

function proxyFromEnvironment(url: string): string {
  if (isInNoProxyNetwork(unbracketed(new URL(url).hostname))) return ''
  // The variables are named after the HTTP schemes, and `proxy-from-env` looks for those.
  return getProxyForUrl(url.replace(/^ws/i, 'http'))
}

/** `proxy-from-env` knows names and addresses of `NO_PROXY`; its networks, as in `10.0.0.0/8`, are looked at here. */
function isInNoProxyNetwork(host: string): boolean {
  if (!ipaddr.isValid(host)) return false
  const address = ipaddr.process(host)
  const entries = (process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '').split(/[\s,]/)
  return entries.some((entry) => {
    if (!ipaddr.isValidCIDR(entry)) return false
    const [network, bits] = ipaddr.parseCIDR(entry)
    return network.kind() === address.kind() && address.match(network, bits)
  })
}

/** An agent that dials one target through a proxy. */
export interface TunnelAgent extends Agent {
  /** Node aborts the request but not the dialogue with the proxy before it, which would be left open. */
  abandon(): void
}

/**
 * The agent for this attempt, or null where no proxy is on the way.
 *
 * @param privacy what checks that the target's address is public, or null
 * @throws BadOptionError for a proxy that speaks neither HTTP nor SOCKS, or cannot be used as it is given
 */
export function tunnelFor(
  options: TransportOptions,
  privacy: typeof PrivateNetwork | null,
): TunnelAgent | null {
  const proxy = proxyUrlFor(options)
  if (proxy === null) return null
  const target = new Target(options, privacy)
  return SOCKS.test(proxy.protocol)
    ? new SocksTunnel(proxy, options, target)
    : new HttpTunnel(proxy, options, target)
}

/** Where a tunnel is to lead, and how its dialogue with the proxy is given up. */
class Target {
  readonly #url: URL
  readonly #tls: TlsConnectOptions
  readonly #privacy: typeof PrivateNetwork | null
  readonly #dialing = new AbortController()
  #settled = false

  constructor(options: TransportOptions, privacy: typeof PrivateNetwork | null) {
    this.#url = new URL(options.url)
    const name = options.tls?.serverName ?? unbracketed(this.#url.hostname)
    this.#tls = tlsConnectOptions(options.tls, 'tls', name)
    this.#privacy = privacy
  }

  get signal(): AbortSignal {
    return this.#dialing.signal
  }

  abandon(): void {
    // Once it is settled the socket belongs to the request, and nobody would hear the error of an abort.
    if (!this.#settled) this.#dialing.abort()
  }

  async reach(options: ConnectOptions, connect: (to: ConnectOptions) => Promise<Socket>): Promise<Socket> {
    try {
      const host = unbracketed(this.#url.hostname)
      const address = this.#privacy === null ? host : await this.#privacy.publicAddress(host)
      this.signal.throwIfAborted()
      // Without a name of ours Node would check the certificate against the proxy's host.
      return await connect({ ...options, ...this.#tls, host: address })
    } finally {
      this.#settled = true
    }
  }
}

/** Through a CONNECT proxy (RFC 9110 section 9.3.6). */
class HttpTunnel extends HttpsProxyAgent<string> implements TunnelAgent {
  readonly #target: Target

  constructor(proxy: URL, options: TransportOptions, target: Target) {
    // The agent prints its URL when DEBUG is set, so the password goes in by another door.
    super(withoutUser(proxy), {
      ...tlsConnectOptions(options.proxy?.tls, 'proxy.tls'),
      headers: authorization(proxy),
      signal: target.signal,
      autoSelectFamilyAttemptTimeout: options.addressTimeoutMs,
    } as HttpsProxyAgentOptions<string>)
    this.#target = target
  }

  abandon(): void {
    this.#target.abandon()
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    let refusal: HoldlineError | null = null
    request.once('proxyConnect', (answer: IncomingMessage) => {
      const { statusCode: status = 0 } = answer
      // Any 2xx opens the tunnel; the agent knows 200 only.
      if (status >= 200 && status < 300) answer.statusCode = 200
      else refusal = proxyRefused(status)
    })
    request.once('proxy', ({ socket }: { socket: Socket }) => socket.on('error', ignore))
    const socket = await this.#target.reach(options, (to) => super.connect(request, to))
    // The agent would replay the proxy's answer as if it were the endpoint's.
    if (refusal !== null) {
      socket.destroy()
      throw refusal
    }
    return socket
  }
}

/** Through a SOCKS proxy (RFC 1928). `socks5h:` and `socks4a:` let the proxy resolve the name. */
class SocksTunnel extends SocksProxyAgent implements TunnelAgent {
  readonly #target: Target
  readonly #addressTimeoutMs: number

  constructor(proxy: URL, options: TransportOptions, target: Target) {
    super(proxy)
    Object.assign(this, { proxyUrl: withoutUser(proxy) })
    this.#target = target
    this.#addressTimeoutMs = options.addressTimeoutMs
  }

  abandon(): void {
    this.#target.abandon()
  }

  override connect(_request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    return this.#target.reach(options, (to) => this.#tunnel(to))
  }

  /** The agent's own way keeps the socket to itself, so that a dialogue that is given up would be left open. */
  async #tunnel({ host = '', port, ...options }: ConnectOptions): Promise<Socket> {
    const { host: proxyHost = '', port: proxyPort } = this.proxy
    const name = this.shouldLookup ? await addressOf(host, options as Partial<TcpNetConnectOpts>) : host
    const socket = connectTcp({
      host: proxyHost,
      port: proxyPort,
      signal: this.#target.signal,
      autoSelectFamilyAttemptTimeout: this.#addressTimeoutMs,
    } as TcpNetConnectOpts)
    await once(socket, 'connect')
    socket.on('error', ignore)
    await SocksClient.createConnection({
      proxy: this.proxy,
      // `ws` hands on the text of its URL, whatever the type says.
      destination: { host: name, port: Number.parseInt(String(port), 10) },
      command: 'connect',
      existing_socket: socket,
    })
    return options.secureEndpoint ? connectTls({ ...options, socket }) : socket
  }
}

function addressOf(host: string, { lookup: find = lookup }: Partial<TcpNetConnectOpts>): Promise<string> {
  return new Promise((resolve, reject) => {
    find(host, {}, (error, address) => {
      if (error !== null) reject(error)
      else resolve(typeof address === 'string' ? address : (address[0]?.address ?? host))
    })
  })
}

function proxyRefused(status: number): HoldlineError {
  const advice =
    status === 407
      ? 'Check the user and password of the proxy.'
      : 'Check the address of the proxy, and whether it lets connections to this endpoint pass.'
  // A proxy that is overloaded, or does not reach the endpoint, may do so later.
  return new HoldlineError(
    status >= 500 || status === 429 ? 'ERR_DIAL_FAILED' : 'ERR_PROXY_REFUSED',
    `The proxy, not the endpoint, answered CONNECT with status ${status}. Nothing reached the endpoint. ${advice}`,
  )
}

function withoutUser(proxy: URL): string {
  const bare = new URL(proxy)
  bare.username = ''
  bare.password = ''
  return bare.href
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
  } catch {
    throw new BadOptionError('proxy.url', 'has a user or password with a broken percent escape')
  }
}

function ignore(): void {}

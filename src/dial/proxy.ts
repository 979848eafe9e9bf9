import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type HttpsProxyAgentOptions, HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import { BadOptionError } from '../protocol/errors.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { unbracketed } from './host-name.ts'
import type * as PrivateNetwork from './private-network.ts'
import { type TlsConnectOptions, tlsConnectOptions } from './tls.ts'

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/**
 * The proxy for this attempt, or null. The environment is read anew on every call.
 *
 * @throws BadOptionError for a proxy that speaks no HTTP
 */
export function proxyUrlFor({ proxy, url }: TransportOptions): URL | null {
  if (proxy === null) return null
  // The variables are named after the HTTP schemes, and `proxy-from-env` looks for those.
  const found = proxy.mode === 'explicit-proxy' ? proxy.url : getProxyForUrl(url.replace(/^ws/i, 'http'))
  if (found === '') return null
  const path = proxy.mode === 'explicit-proxy' ? 'proxy.url' : 'proxy (from the environment)'
  if (!URL.canParse(found)) throw new BadOptionError(path, 'is no URL')
  const parsed = new URL(found)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new BadOptionError(path, `must be an http: or https: URL, not ${parsed.protocol}`)
  }
  return parsed
}

/**
 * The agent for this attempt, or null where no proxy is on the way.
 *
 * @param privacy what checks that the target's address is public, or null
 * @throws BadOptionError for a proxy that speaks no HTTP, or cannot be used as it is given
 */
export function tunnelFor(
  options: TransportOptions,
  privacy: typeof PrivateNetwork | null,
): TunnelAgent | null {
  const proxy = proxyUrlFor(options)
  return proxy === null ? null : new TunnelAgent(proxy, options, privacy)
}

/** Dials one target through a CONNECT proxy (RFC 9110 section 9.3.6). */
export class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #target: URL
  readonly #targetTls: TlsConnectOptions
  readonly #privacy: typeof PrivateNetwork | null
  readonly #dialing: AbortController
  #settled = false

  constructor(proxy: URL, options: TransportOptions, privacy: typeof PrivateNetwork | null) {
    const dialing = new AbortController()
    const bare = new URL(proxy)
    bare.username = ''
    bare.password = ''
    // The agent prints its URL when DEBUG is set, so the password goes in by another door.
    super(bare.href, {
      ...tlsConnectOptions(options.proxy?.tls, 'proxy.tls'),
      headers: authorization(proxy),
      signal: dialing.signal,
    } as HttpsProxyAgentOptions<string>)
    this.#dialing = dialing
    this.#target = new URL(options.url)
    const name = options.tls?.serverName ?? unbracketed(this.#target.hostname)
    this.#targetTls = tlsConnectOptions(options.tls, 'tls', name)
    this.#privacy = privacy
  }

  /** Node aborts the request but not the dialogue with the proxy before it, which would be left open. */
  abandon(): void {
    // Once it is settled the socket belongs to the request, and nobody would hear the error of an abort.
    if (!this.#settled) this.#dialing.abort()
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    request.once('proxy', ({ socket }: { socket: Socket }) => socket.on('error', ignore))
    try {
      const host = unbracketed(this.#target.hostname)
      const address = this.#privacy === null ? host : await this.#privacy.publicAddress(host)
      this.#dialing.signal.throwIfAborted()
      // Without a name of ours Node would check the certificate against the proxy's host.
      return await super.connect(request, { ...options, ...this.#targetTls, host: address })
    } finally {
      this.#settled = true
    }
  }
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

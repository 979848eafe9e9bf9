import type { LookupFunction } from 'node:net'
import type { ClientOptions } from 'ws'
import { BadOptionError, HoldlineError } from '../protocol/errors.ts'
import { isToken } from '../protocol/http-syntax.ts'
import { Secret } from '../protocol/secret.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { carriesCredential, upgradeHeaders } from './headers.ts'
import { isLoopbackHost } from './host-name.ts'
import type { DialModules } from './lazy.ts'
import type { TunnelAgent } from './proxy.ts'
import { type TlsConnectOptions, tlsConnectOptions } from './tls.ts'

/**
 * Backstop of `ws` for a peer that does not finish the close handshake, in ms. The chart's own close timeout
 * comes first, as far as it is shorter; this one serves where the peer closed and then kept the TCP connection.
 */
const CLOSE_BACKSTOP_MS = 60_000

/** One dial, ready to be made. */
export interface DialPlan {
  readonly url: string
  /** For `new WebSocket(url, options)`; subprotocols are in `options.protocols`, where `ws` looks for them. */
  readonly options: ClientOptions
  /** Gives up what the WebSocket itself does not know about; null where there is no such thing. */
  readonly abandon: (() => void) | null
}

/** @throws HoldlineError for options that went through JSON, where nothing of what was sealed is left */
export function openTransport(transport: unknown): TransportOptions {
  if (Secret.is(transport)) return Secret.reveal(transport) as TransportOptions
  throw new HoldlineError(
    'ERR_BAD_OPTION',
    'The transport options are not sealed, as after a snapshot was restored. Nothing was dialed. ' +
      'Start a new connection actor instead of restoring one.',
  )
}

/**
 * The rules that hold before anybody is asked for a credential.
 *
 * @throws HoldlineError `ERR_INSECURE_URL`, `ERR_BAD_OPTION`
 */
export function checkUrl(options: TransportOptions, { proxying }: DialModules): void {
  if (!URL.canParse(options.url)) throw new BadOptionError('url', 'is no URL')
  const { protocol, hostname, hash } = new URL(options.url)
  if (protocol !== 'ws:' && protocol !== 'wss:') throw new BadOptionError('url', 'must be a ws: or wss: URL')
  if (hash !== '') throw new BadOptionError('url', 'has a fragment, which a WebSocket URL may not')
  if (protocol === 'wss:' || options.allowInsecure || !carriesCredential(options)) return
  const proxy = proxying?.proxyUrlFor(options) ?? null
  if (isLoopbackHost(hostname) && (proxy === null || isLoopbackHost(proxy.hostname))) return
  throw new HoldlineError(
    'ERR_INSECURE_URL',
    'A credential would have travelled unencrypted over ws:// to another machine. Nothing was dialed. ' +
      'Use a wss:// URL, or set allowInsecure to true if the network in between is yours.',
  )
}

/**
 * What `ws` needs for one attempt.
 *
 * @throws BadOptionError for options that could not travel
 */
export function planDial(options: TransportOptions, key: string | null, modules: DialModules): DialPlan {
  const route = planRoute(options, modules)
  const dial = {
    headers: upgradeHeaders(options, key),
    protocols: subprotocols(options),
    followRedirects: false,
    perMessageDeflate: options.perMessageDeflate,
    maxPayload: options.maxPayloadBytes,
    closeTimeout: CLOSE_BACKSTOP_MS,
    ...route.options,
  }
  return { url: options.url, options: dial as unknown as ClientOptions, abandon: route.abandon }
}

/** The way to the endpoint, as `http.request` and `ws` take it. */
export interface Route {
  readonly options: TlsConnectOptions & {
    readonly agent?: TunnelAgent
    readonly lookup?: LookupFunction
    readonly autoSelectFamilyAttemptTimeout: number
  }
  /** Gives up what the request itself does not know about; null where there is no such thing. */
  readonly abandon: (() => void) | null
}

/**
 * Proxy, TLS and the rule for private addresses, the same for an upgrade and for a plain request.
 *
 * @param name the host name that the certificate must be for, where Node cannot know it itself
 * @throws BadOptionError
 */
export function planRoute(
  options: TransportOptions,
  { proxying, privacy }: DialModules,
  name: string | undefined = options.tls?.serverName,
): Route {
  const agent = proxying?.tunnelFor(options, privacy) ?? null
  return {
    options: {
      ...tlsConnectOptions(options.tls, 'tls', name),
      // Of a host with several addresses, each but the last gets this long; Node's 250 ms fail slow handshakes.
      autoSelectFamilyAttemptTimeout: options.addressTimeoutMs,
      ...(agent === null ? {} : { agent }),
      ...(agent === null && privacy !== null ? { lookup: privacy.publicLookup() } : {}),
    },
    abandon: agent === null ? null : () => agent.abandon(),
  }
}

/**
 * The rule for addresses that stand in the URL itself; names are checked when they are resolved.
 *
 * @throws HoldlineError `ERR_PRIVATE_ADDRESS`
 */
export function checkAddress({ url }: TransportOptions, { privacy }: DialModules): void {
  privacy?.refusePrivateLiteral(new URL(url).hostname)
}

function subprotocols(options: TransportOptions): string[] {
  const names = [...options.subprotocols]
  if (names.every(isToken) && new Set(names).size === names.length) return names
  throw new BadOptionError('subprotocols', 'holds a name twice, or one that is not a token (RFC 6455 4.1)')
}

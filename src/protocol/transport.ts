import type { ApiKey, Secret } from './secret.ts'

/** How the credential is put on the upgrade request. */
export type AuthOptions<Text extends string | Secret = string | Secret> =
  /** `Authorization: Bearer <apiKey>`. The default. */
  | { readonly mode: 'provider-default' }
  /** `Authorization: Bearer <token>`, whatever the key is. */
  | { readonly mode: 'authorization-bearer'; readonly token: Text }
  /** A header of your own, as in `api-key: <value>`; `prefix` goes before the value, followed by a space. */
  | {
      readonly mode: 'header'
      readonly headerName: string
      readonly value: Text
      readonly prefix?: string | undefined
    }

/** PEM texts, as Node's `tls.connect` takes them. Skipping certificate checks is not an option. */
export interface TlsOptions<Text extends string | Secret = string | Secret> {
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string | undefined
  /** Client certificate, for mutual TLS. */
  readonly cert?: string | undefined
  /** Private key of the client certificate. */
  readonly key?: Text | undefined
  /** Passphrase of the private key. */
  readonly passphrase?: Text | undefined
  /** Name to ask for (SNI) and to check the certificate against, when it is not the URL's host. */
  readonly serverName?: string | undefined
}

/** Which proxy to dial through: HTTP CONNECT, or SOCKS with a URL of `socks5h:`, `socks5:`, `socks4a:` or `socks4:`. `tls` is for the connection to the proxy itself. */
export type ProxyOptions<Text extends string | Secret = string | Secret> =
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` (names, addresses and CIDR networks), read anew for every attempt. */
  | { readonly mode: 'env-proxy'; readonly tls?: TlsOptions<Text> | undefined }
  | {
      readonly mode: 'explicit-proxy'
      /** With a user or a password in it, it is a secret. */
      readonly url: Text | string
      readonly tls?: TlsOptions<Text> | undefined
    }

/**
 * All that the socket actor needs to dial, with every default filled in. It travels through the chart sealed,
 * because headers, URL, proxy and TLS options may each hold a secret.
 */
export interface TransportOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly credential: ApiKey | null
  readonly auth: AuthOptions<string>
  readonly proxy: ProxyOptions<string> | null
  readonly tls: TlsOptions<string> | null
  /** False refuses hosts that resolve to a private, link-local or loopback address. */
  readonly allowPrivateNetwork: boolean
  /** For each address but the last of a host that has several, in ms. */
  readonly addressTimeoutMs: number
  /** True lets a credential travel over `ws://` to another machine than this one. */
  readonly allowInsecure: boolean
  readonly subprotocols: readonly string[]
  readonly perMessageDeflate: boolean
  /** Largest inbound message, in bytes. A larger one ends the connection (RFC 6455 close code 1009). */
  readonly maxPayloadBytes: number
  /** Largest outbound message, in bytes of UTF-8. A larger one is refused before it is sent. */
  readonly maxFrameBytes: number
  /** Bytes that may wait in the socket's buffer before `send` refuses. */
  readonly maxBufferedBytes: number
}

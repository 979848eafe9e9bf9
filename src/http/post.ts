import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { unescape } from 'node:querystring'
import { TLSSocket } from 'node:tls'
import type { TransportOptions } from '../protocol/transport.ts'
import { planRoute } from '../dial/plan.ts'
import { upgradeHeaders } from '../dial/headers.ts'
import { unbracketed } from '../dial/host-name.ts'
import type { DialModules } from '../dial/lazy.ts'
import { brokenExchange } from './errors.ts'
import type { Reach } from './reach.ts'

/** What to send, and where. */
export interface PostPlan {
  readonly options: TransportOptions
  readonly modules: DialModules
  readonly key: string | null
  readonly url: string
  readonly accept: string
  readonly payload: Buffer
  readonly reach: Reach
  /** Called once, when the request was handed to an open connection. What it throws ends the request. */
  readonly onSent: () => void
}

/** One request under way. */
export interface Post {
  readonly response: Promise<IncomingMessage>
  /** Ends the request and its connection at once. Does nothing when they have ended. */
  readonly hangUp: () => void
}

/**
 * Sends one POST on a connection of its own, by the rules that hold for the WebSocket: the same headers,
 * proxy, TLS and addresses. Redirects are not followed, and nothing is sent twice.
 *
 * @throws BadOptionError for options that could not travel
 */
export function post(plan: PostPlan): Post {
  const { options, payload, reach, onSent } = plan
  const url = new URL(plan.url)
  const host = unbracketed(url.hostname)
  // Without a name of ours Node would check the certificate against a Host header.
  const route = planRoute(options, plan.modules, options.tls?.serverName ?? host)
  const request = (url.protocol === 'https:' ? https : http).request({
    method: 'POST',
    protocol: url.protocol,
    host,
    port: url.port,
    path: url.pathname + url.search,
    headers: postHeaders(plan),
    // No pool: a connection that was kept can be dead, and then nobody knows whether the request arrived.
    agent: false,
    ...userOf(url),
    ...route.options,
  })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const fail = (error: unknown) => reject(brokenExchange(error, reach))
    // Stays for good: a request that is destroyed errors later, and would end the process.
    request.on('error', fail)
    request.once('close', () => fail(null))
    request.once('response', (answer) => {
      // As above; whoever reads the answer hears of it as well.
      answer.on('error', () => {})
      resolve(answer)
    })
    request.once('socket', (socket) =>
      whenOpen(socket, () => {
        reach.sent()
        try {
          onSent()
        } catch (error) {
          reject(error)
        }
      }),
    )
  })
  // Whoever gives up before the answer comes does not wait for it any more.
  response.catch(() => {})
  request.end(payload)
  const hangUp = () => {
    route.abandon?.()
    request.destroy()
  }
  return { response, hangUp }
}

/** Before that the request waits in Node's buffer, and nothing of it has left. */
function whenOpen(socket: Socket, open: () => void): void {
  if (socket instanceof TLSSocket) socket.once('secureConnect', open)
  else if (socket.connecting) socket.once('connect', open)
  // The tunnel agent replays a proxy's refusal on a socket that nothing can be written to.
  else if (socket.writable) open()
}

function postHeaders({ options, key, accept, payload }: PostPlan): Record<string, string | number> {
  const own: Record<string, string | number> = {
    accept,
    // Nothing here unpacks, and events that wait in a compressor come late.
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'content-length': payload.length,
  }
  const given = Object.entries(upgradeHeaders(options, key))
  return { ...Object.fromEntries(given.filter(([name]) => !Object.hasOwn(own, name.toLowerCase()))), ...own }
}

/** User and password of a URL, unescaped in the forgiving way in which `ws` does it. */
function userOf({ username, password }: URL): { auth?: string } {
  if (username === '' && password === '') return {}
  return { auth: `${unescape(username)}:${unescape(password)}` }
}

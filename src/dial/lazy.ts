import type { TransportOptions } from '../protocol/transport.ts'
import type * as PrivateNetwork from './private-network.ts'
import type * as Proxy from './proxy.ts'

/** What the way to an endpoint takes besides `ws` and Node. Most programs take none of it, so it is loaded late. */
export interface DialModules {
  readonly proxying: typeof Proxy | null
  /** Null where private addresses are allowed. */
  readonly privacy: typeof PrivateNetwork | null
}

const NONE: DialModules = { proxying: null, privacy: null }

/** Not a promise where nothing is to be loaded: such a dial waits for nothing. */
export function dialModules(options: TransportOptions): DialModules | Promise<DialModules> {
  return options.proxy === null && options.allowPrivateNetwork ? NONE : load(options)
}

async function load({ proxy, allowPrivateNetwork }: TransportOptions): Promise<DialModules> {
  const [proxying, privacy] = await Promise.all([
    proxy === null ? null : import('./proxy.ts'),
    allowPrivateNetwork ? null : import('./private-network.ts'),
  ])
  return { proxying, privacy }
}

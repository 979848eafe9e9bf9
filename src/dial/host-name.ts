import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** True for `localhost`, 127.0.0.0/8 and ::1, written as in a URL's `hostname`. */
export function isLoopbackHost(hostname: string): boolean {
  const host = unbracketed(hostname)
  if (host === 'localhost' || host === 'localhost.') return true
  const family = isIP(host)
  return family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** `URL.hostname` writes IPv6 addresses in brackets; sockets want them without. */
export function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

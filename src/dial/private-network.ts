import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { HoldlineError } from '../protocol/errors.ts'
import { unbracketed } from './host-name.ts'

/** RFC 4291 section 2.4 and the IANA registry: all global unicast that has been given out. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** RFC 6052: an IPv4 address behind a NAT64 gateway, which must be judged as what it leads to. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** True for an address of the public internet; false for anything that is not an IP address. */
export function isGlobalAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.range() === 'unicast'
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().range() === 'unicast'
  if (parsed.match(NAT64)) {
    return new ipaddr.IPv4(parsed.toByteArray().slice(-4)).range() === 'unicast'
  }
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_IPV6)
}

/** @throws HoldlineError `ERR_PRIVATE_ADDRESS` for an IP address that is not public; host names pass. */
export function refusePrivateLiteral(hostname: string): void {
  const host = unbracketed(hostname)
  if (isIP(host) !== 0 && !isGlobalAddress(host)) throw privateAddress()
}

/**
 * A `lookup` for `net.connect` that fails unless every address of the name is public. What it returns is what
 * gets dialed, so a name that answers differently the second time gains nothing.
 */
export function publicLookup(resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const [first] = addresses
      if (first === undefined || !addresses.every(isPublic)) return callback(privateAddress(), '')
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** The one address to dial for a name, or for an address; checked as `publicLookup` does. */
export function publicAddress(hostname: string, lookup: LookupFunction = publicLookup()): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: false }, (error, address) => {
      if (error !== null) reject(error)
      else resolve(typeof address === 'string' ? address : (address[0]?.address ?? ''))
    })
  })
}

function isPublic({ address }: LookupAddress): boolean {
  return isGlobalAddress(address)
}

function privateAddress(): HoldlineError {
  return new HoldlineError(
    'ERR_PRIVATE_ADDRESS',
    'The host leads to an address that is not on the public internet. Nothing was dialed. ' +
      'Check the URL, or set allowPrivateNetwork to true if that address is meant.',
  )
}

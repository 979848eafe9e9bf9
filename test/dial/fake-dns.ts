import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { onTestFinished } from 'vitest'

/** Answers lookups from this table until the test ends. `asked` lists the names. */
export function fakeDns(table: Record<string, readonly string[]>): { asked: string[] } {
  const asked: string[] = []
  const original = dns.lookup
  const fake = (
    name: string,
    options: { all?: boolean },
    callback: (error: Error | null, found?: unknown, family?: number) => void,
  ) => {
    // Servers look up their own address when they listen.
    if (!name.endsWith('.test')) return original(name, options as never, callback as never)
    asked.push(name)
    const addresses = (table[name] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    const [first] = addresses
    if (first === undefined) callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))
    else if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  }
  replace(fake as unknown as typeof dns.lookup)
  onTestFinished(() => replace(original))
  return { asked }
}

function replace(lookup: typeof dns.lookup): void {
  dns.lookup = lookup
  syncBuiltinESMExports()
}

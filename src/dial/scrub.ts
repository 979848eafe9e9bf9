import type { TransportOptions } from '../protocol/transport.ts'
import { secretsOf } from './headers.ts'

/** Takes every secret of one attempt out of what a peer wrote, in whatever form it stands there. */
export interface Scrub {
  /** A text that is shown: an error body, a header's name or value. */
  (text: string): string
  /**
   * A close reason, which a peer cuts after 123 bytes: what is left of a secret at its end goes as well.
   */
  readonly reason: (text: string) => string
  /**
   * An event, before it is parsed. It is what an application works with, so only what looks like a key goes: a secret
   * of eight characters or more with a digit in it, or of sixteen.
   */
  readonly event: (text: string) => string
  /** The longest form of a secret, in characters: so much is read beyond a limit, that none is cut in two by it. */
  readonly longest: number
}

/** Stands where a secret stood. */
export const REDACTED = '[redacted]'

/** Shorter ones would tear ordinary words apart and protect nothing. */
const SHORTEST = 4

/** So much of a secret at the end of a close reason is taken for one that was cut. */
const SHORTEST_REST = 6

const LOOKS_LIKE_A_KEY = /^(?=.*\d).{8}|^.{16}/s

/**
 * Peers echo what they were sent: in events and error bodies, in names of headers, in close reasons; as it was, or as
 * it stands in a URL, in base64 or in hex. Every text of a peer goes through here where it comes in, before it is
 * parsed and before it is cut.
 */
export function createScrub(secrets: readonly string[]): Scrub {
  const shown = replacerOf(secrets.filter((secret) => secret.length >= SHORTEST))
  const event = replacerOf(secrets.filter((secret) => LOOKS_LIKE_A_KEY.test(secret)))
  return Object.assign((text: string) => shown.replace(text), {
    reason: (text: string) => withoutRest(shown.replace(text), shown.forms),
    event: event.replace,
    longest: shown.forms[0]?.length ?? 0,
  })
}

/** For an attempt that has no secrets yet. */
export const NO_SCRUB: Scrub = createScrub([])

/** A text that holds none of the forms is searched once for all of them, and costs no more. */
function replacerOf(secrets: readonly string[]) {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
  if (forms.length === 0) return { forms, replace: (text: string) => text }
  const anyForm = forms.map(literal).join('|')
  const pattern = new RegExp(anyForm, 'g')
  // JSON can spell a character in another way.
  const suspicion = new RegExp(
    String.raw`\\u00|${forms.some((form) => form.includes('/')) ? String.raw`\\/|` : ''}${anyForm}`,
  )
  const replace = (text: string): string => {
    if (!suspicion.test(text)) return text
    const clean = text.replace(pattern, REDACTED)
    const plain = unescaped(clean)
    const shown = plain.replace(pattern, REDACTED)
    return shown === plain ? clean : shown
  }
  return { forms, replace }
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset))
  return [
    ...bothCases(secret),
    ...bothCases(encodeURIComponent(secret)),
    ...bothCases(hex),
    ...bothCases(hex.replaceAll(/../g, '%$&')),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ...base64.map((text) => encodeURIComponent(text)),
  ]
}

function bothCases(text: string): string[] {
  return [text, text.toUpperCase(), text.toLowerCase()]
}

/** What of a base64 text depends on these bytes alone, where they begin `offset` bytes after a group of three. */
function base64At(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes])
  return whole.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6))
}

function unescaped(text: string): string {
  // From the first backslash of a run only: from each of them it would be quadratic.
  return text.replaceAll(/(?<!\\)\\+(?:u00([0-9a-f]{2})|\/)/gi, (escape, code: string | undefined) => {
    const character = code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16))
    // What JSON has to escape stays escaped.
    return character < ' ' || character === '"' || character === '\\' ? escape : character
  })
}

function withoutRest(text: string, forms: readonly string[]): string {
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST_REST; length -= 1) {
      if (text.endsWith(form.slice(0, length))) return text.slice(0, -length) + REDACTED
    }
  }
  return text
}

const known = new WeakMap<TransportOptions, { readonly key: string | null; readonly scrub: Scrub }>()

/** The scrub for these options and this key. Connections that are made alike share it. */
export function scrubFor(options: TransportOptions, key: string | null): Scrub {
  const last = known.get(options)
  if (last !== undefined && last.key === key) return last.scrub
  const scrub = createScrub(secretsOf(options, key))
  known.set(options, { key, scrub })
  return scrub
}

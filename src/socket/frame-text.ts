/** Replaces secrets in a text. */
type Scrub = (text: string) => string

/** Stands where a credential stood. */
const HIDDEN = '[redacted]'

/** Fields whose texts and numbers are credentials by their name, or hold some, at whatever depth. */
const CREDENTIAL_FIELD =
  /authorization|cookie|credential|secret|passw|(api|private|access)[-_]?key|(access|refresh|id|auth|bearer|session)[-_]?token|^(auth|token|headers)$/i

/** The same where a text is not JSON: in a frame that is broken, in a delta, in prose. */
const NAMED_CREDENTIAL =
  /(authorization|cookie|passw(?:or)?d|secret|(?:api|private|access)[-_]?key|(?:access|refresh|id|auth|bearer|session)[-_]?token)(["']?\s{0,8}[:=]\s{0,8}["']?)(?:(?:bearer|basic)\s{1,8})?[^\s"',;}]+/gi

/** Keys by how their makers begin them, tokens by their scheme, and JSON Web Tokens. */
const CREDENTIAL =
  /\b(?:sk|pk|rk|whsec)[-_][\w-]{8,}|\b(?:bearer|basic)\s{1,8}[\w.~+/=-]{8,}|\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}|\bAKIA[0-9A-Z]{12,}|\bAIza[\w-]{30,}|\bgh[a-z]_\w{16,}|\bgithub_pat_\w{16,}|\bxox[a-z]-[\w-]{8,}/gi

/** Too long for a word. What has letters and digits is opaque: a key, a signature, base64. */
const LONG_RUN = /[\w+/-]{40,}={0,2}/g
const WIRE_ID = /^(resp|msg|fc|call|rs|item|evt|steer|conv|ws|ctc)_[\w-]{1,96}$/

/** Frames go this deep at most; what goes deeper is not shown. */
const MAX_DEPTH = 64

/**
 * The text of a frame, fit to be written down: JSON in its shortest form, without the secrets that the scrub knows,
 * however they are escaped, and without what is a credential by its name or its look. Null where it cannot be made.
 *
 * A text that goes over several frames is looked at frame by frame.
 */
export function shownText(text: string, scrub: Scrub): string | null {
  try {
    const { value } = readJson(text) ?? { value: undefined }
    return value === undefined ? hide(text, scrub) : scrub(JSON.stringify(shownValue(value, scrub, false, 0)))
  } catch {
    return null
  }
}

function shownValue(value: unknown, scrub: Scrub, isHidden: boolean, depth: number): unknown {
  if (typeof value === 'string') return isHidden ? HIDDEN : shownString(value, scrub, depth)
  if (typeof value === 'number') return isHidden ? HIDDEN : value
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return HIDDEN
  if (Array.isArray(value)) return value.map((entry) => shownValue(entry, scrub, isHidden, depth + 1))
  const fields = Object.entries(value).map(([name, field]) => [
    hide(name, scrub),
    shownValue(field, scrub, isHidden || CREDENTIAL_FIELD.test(name), depth + 1),
  ])
  return Object.fromEntries(fields) as object
}

/** Arguments and outputs of tools are often JSON in a text. */
function shownString(text: string, scrub: Scrub, depth: number): string {
  const inner = /^\s*[[{]/.test(text) ? readJson(text) : null
  return inner === null ? hide(text, scrub) : JSON.stringify(shownValue(inner.value, scrub, false, depth + 1))
}

function hide(text: string, scrub: Scrub): string {
  const hidden = withoutCredentials(text, scrub)
  if (!text.includes('\\')) return hidden
  // A piece of JSON can spell a key in other ways, also beside one that is spelled as it is.
  const plain = text
    .replaceAll(/(?<!\\)\\+u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(/(?<!\\)\\+(["/])/g, '$1')
  const shown = withoutCredentials(plain, scrub)
  return shown === plain ? hidden : shown
}

function withoutCredentials(text: string, scrub: Scrub): string {
  return scrub(text)
    .replaceAll(NAMED_CREDENTIAL, `$1$2${HIDDEN}`)
    .replaceAll(CREDENTIAL, HIDDEN)
    .replaceAll(LONG_RUN, (run) => (isOpaque(run) ? HIDDEN : run))
}

function isOpaque(run: string): boolean {
  return /\d/.test(run) && /[a-z]/i.test(run) && !WIRE_ID.test(run)
}

function readJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

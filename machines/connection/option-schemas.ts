import * as v from 'valibot'
import { Secret } from '../../src/protocol/secret.ts'
import { MAX_DELAY_MS } from '../delay-range.ts'

/** A `Secret` that holds a non-empty string. */
const sealed = v.custom<Secret>(
  (value) => Secret.is(value) && isText(Secret.reveal(value)),
  'must be a Secret that holds a non-empty string',
)

/** A string that is sealed on the way in, for the places where an application may give it plain. */
const sealing = v.union(
  [
    sealed,
    v.pipe(
      v.string(),
      v.minLength(1),
      v.transform((plain) => new Secret(plain)),
    ),
  ],
  'must be a non-empty string or a Secret',
)

/** What stands where a secret is expected: the machine takes only `Secret`, the class seals strings itself. */
export type SecretSchema = typeof sealed | typeof sealing

export { sealed as sealedSecret, sealing as sealingSecret }

/** A sealed key as it can stand in a header: without line breaks, and without blanks around it. */
export const sealedKey = v.custom<Secret>(
  (value) => v.is(sealed, value) && FIELD_VALUE.test(text(value)) && text(value).trim() === text(value),
  'must be a Secret that holds a key without line breaks or blanks around it',
)

/** RFC 9110 section 5.6.2: the characters of a field name. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: what a field value may hold; a line break would start another header. */
// oxlint-disable-next-line no-control-regex -- the control characters are what is refused
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Headers that carry credentials by their nature. */
const CREDENTIAL_HEADER = /^(authorization|proxy-authorization|cookie|(x-)?api-key)$/i

const headerName = v.pipe(v.string(), v.regex(TOKEN, 'is not a header name (RFC 9110)'))
const headerText = v.pipe(v.string(), v.regex(FIELD_VALUE, 'holds a line break or a control character'))
const sealedHeader = v.custom<Secret>(
  (value) => Secret.is(value) && typeof Secret.reveal(value) === 'string' && FIELD_VALUE.test(text(value)),
  'must be a string or a Secret, without line breaks or control characters',
)

/** Header name to value. With `seal`, the values come out sealed; without, a credential must come sealed. */
export function headersSchema(credentials: 'must-be-sealed' | 'may-be-plain') {
  const headers = v.record(headerName, v.union([headerText, sealedHeader], headerMessage))
  if (credentials === 'may-be-plain') return headers
  return v.pipe(
    headers,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      for (const [name, value] of Object.entries(dataset.value)) {
        if (typeof value !== 'string' || !CREDENTIAL_HEADER.test(name)) continue
        addIssue({
          message: 'carries a credential and must be a Secret',
          path: [{ type: 'object', origin: 'value', input: dataset.value, key: name, value: '[redacted]' }],
        })
      }
    }),
  )
}

const headerMessage = 'must be a string or a Secret, without line breaks or control characters'

export function authSchema<S extends SecretSchema>(secret: S) {
  return v.variant('mode', [
    v.strictObject({ mode: v.literal('provider-default') }),
    v.strictObject({ mode: v.literal('authorization-bearer'), token: secret }),
    v.strictObject({
      mode: v.literal('header'),
      headerName,
      value: secret,
      prefix: v.optional(headerText),
    }),
  ])
}

/** The ways in which people ask to skip certificate checks. Each is refused by its name. */
const noSkipping = v.optional(
  v.never('is refused: certificates are always checked; trust your own authority with "ca"'),
)

export function tlsSchema<S extends SecretSchema>(secret: S) {
  return v.strictObject({
    ca: v.optional(v.string()),
    cert: v.optional(v.string()),
    key: v.optional(secret),
    passphrase: v.optional(secret),
    serverName: v.optional(v.pipe(v.string(), v.minLength(1))),
    rejectUnauthorized: noSkipping,
    insecureSkipVerify: noSkipping,
  })
}

export function proxySchema<S extends SecretSchema>(secret: S) {
  const tls = v.optional(tlsSchema(secret))
  return v.variant('mode', [
    v.strictObject({ mode: v.literal('env-proxy'), tls }),
    v.strictObject({ mode: v.literal('explicit-proxy'), url: urlSchema(['http:', 'https:']), tls }),
  ])
}

/** A URL of one of the given protocols, plain or sealed; a plain one must hold no user and no password. */
export function urlSchema(protocols: readonly string[]) {
  return v.union(
    [
      v.pipe(
        v.string(),
        v.check(
          (url) => isUrl(url, protocols),
          `must be a URL of ${protocols.join(' or ')} without a fragment`,
        ),
      ),
      v.custom<Secret>(
        (value) => Secret.is(value) && isText(Secret.reveal(value)) && isUrl(text(value), protocols),
        `must be a URL of ${protocols.join(' or ')} without a fragment`,
      ),
    ],
    `must be a URL of ${protocols.join(' or ')} without a fragment`,
  )
}

function isUrl(url: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(url)) return false
  const parsed = new URL(url)
  return protocols.includes(parsed.protocol) && parsed.hash === ''
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

function text(secret: unknown): string {
  const value = Secret.is(secret) ? Secret.reveal(secret) : ''
  return typeof value === 'string' ? value : ''
}

const RANGE = `must be a number of ms from 0 to ${MAX_DELAY_MS}`

/** A time in ms that timers can hold. */
export const milliseconds = v.pipe(
  v.number(RANGE),
  v.finite(RANGE),
  v.minValue(0, RANGE),
  v.maxValue(MAX_DELAY_MS, RANGE),
)

/** A time in ms, or `false` for a clock that is switched off. */
export const clock = v.union([v.literal(false), milliseconds], `${RANGE}, or false`)

/** A size in bytes, at least 1. */
export const bytes = v.pipe(
  v.number('must be a number of bytes'),
  v.safeInteger('must be a whole number of bytes'),
  v.minValue(1, 'must be at least 1 byte'),
)

/** RFC 6455 section 4.1: a sub-protocol is a token. */
export const subprotocol = v.pipe(v.string(), v.regex(TOKEN, 'is not a sub-protocol name (RFC 6455)'))

const COUNT = 'must be a whole number of at least 0'

/** A number of times. */
export const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT))

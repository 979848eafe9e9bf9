import * as v from 'valibot'
import { isCredentialName } from '../credential-names.ts'
import { isFieldValue, isToken } from '../http-syntax.ts'
import { type ApiKey, Secret } from '../secret.ts'
import { MAX_DELAY_MS } from './delay-range.ts'

/**
 * How secrets may stand where they are given: `plain` for an application's options, `sealed` for the input of a
 * machine, because an input shows in inspection events. Either way they come out plain, to be sealed as a whole.
 */
export type SecretForm = 'plain' | 'sealed'

/** A secret, as a text. */
export function secretText(form: SecretForm) {
  return given(
    (value) => (form === 'plain' || Secret.is(value)) && textOf(value) !== '',
    form === 'plain'
      ? 'must be a non-empty string or a Secret'
      : 'must be a Secret that holds a non-empty string',
  )
}

/** A key as it can stand in a header, as a text; or a function that gives one. */
export function apiKey(form: SecretForm) {
  const what = form === 'plain' ? 'a string or a Secret' : 'a Secret'
  const message = `must be ${what}, without line breaks or blanks around it, or a function that gives one`
  const isGood = (value: unknown) => {
    const key = textOf(value)
    return (form === 'plain' || Secret.is(value)) && key !== '' && isFieldValue(key) && key.trim() === key
  }
  return v.union(
    [v.custom<ApiKeyFunction>((value) => typeof value === 'function'), given(isGood, message)],
    message,
  )
}

type ApiKeyFunction = Exclude<ApiKey, string | Secret>

/** Something that is a string, or a `Secret` of one, as a text. */
function given(isGood: (value: unknown) => boolean, message: string) {
  return v.pipe(
    v.custom<string | Secret>((value) => isText(value) && isGood(value), message),
    v.transform((value: string | Secret) => textOf(value)),
  )
}

const headerName = v.pipe(v.string(), v.check(isToken, 'is not a header name (RFC 9110)'))
const headerText = v.pipe(v.string(), v.check(isFieldValue, 'holds a line break or a control character'))

const headerValue = given(
  (value) => isFieldValue(textOf(value)),
  'must be a string or a Secret, without line breaks or control characters',
)

/** Header name to value. */
export function headers(form: SecretForm) {
  return v.pipe(
    v.custom<Readonly<Record<string, string | Secret>>>(isRecord, 'must be an object'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (form === 'plain' || !dataset.typed) return
      for (const [key, value] of Object.entries(dataset.value)) {
        if (typeof value !== 'string' || !isCredentialName(key)) continue
        addIssue({
          message: 'carries a credential and must be a Secret',
          path: [{ type: 'object', origin: 'value', input: dataset.value, key, value: '[redacted]' }],
        })
      }
    }),
    v.record(headerName, headerValue),
  )
}

export function auth(form: SecretForm) {
  return v.variant('mode', [
    v.strictObject({ mode: v.literal('provider-default') }),
    v.strictObject({ mode: v.literal('authorization-bearer'), token: secretText(form) }),
    v.strictObject({
      mode: v.literal('header'),
      headerName,
      value: secretText(form),
      prefix: v.optional(headerText),
    }),
  ])
}

/** The ways in which people ask to skip certificate checks. Each is refused by its name. */
const noSkipping = v.optional(
  v.never('is refused: certificates are always checked; trust your own authority with "ca"'),
)

export function tls(form: SecretForm) {
  return v.strictObject({
    ca: v.optional(v.string()),
    cert: v.optional(v.string()),
    key: v.optional(secretText(form)),
    passphrase: v.optional(secretText(form)),
    serverName: v.optional(v.pipe(v.string(), v.minLength(1))),
    rejectUnauthorized: noSkipping,
    insecureSkipVerify: noSkipping,
  })
}

export function proxy(form: SecretForm) {
  const toProxy = v.optional(tls(form))
  return v.variant('mode', [
    v.strictObject({ mode: v.literal('env-proxy'), tls: toProxy }),
    v.strictObject({
      mode: v.literal('explicit-proxy'),
      url: url(['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:'], form),
      tls: toProxy,
    }),
  ])
}

/** A URL of one of the given protocols, as a text. With a user or a password in it, it is a secret. */
export function url(protocols: readonly string[], form: SecretForm) {
  return v.pipe(
    v.custom<string | Secret>(
      (value) => isText(value) && isUrl(textOf(value), protocols),
      `must be a URL of ${protocols.join(' or ')} without a fragment`,
    ),
    v.check(
      (value) => form === 'plain' || Secret.is(value) || !holdsUser(value as string),
      'holds a user or a password and must be a Secret',
    ),
    v.transform((value: string | Secret) => textOf(value)),
  )
}

export function isUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hash } = new URL(text)
  return protocols.includes(protocol) && hash === ''
}

function holdsUser(text: string): boolean {
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Secret.is(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || (Secret.is(value) && typeof Secret.reveal(value) === 'string')
}

function textOf(value: unknown): string {
  return String(Secret.is(value) ? Secret.reveal(value) : value)
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
export const subprotocol = v.pipe(v.string(), v.check(isToken, 'is not a sub-protocol name (RFC 6455)'))

/** A number of times, at least `least`. */
export function count(least = 0) {
  const message = `must be a whole number of at least ${least}`
  return v.pipe(v.number(message), v.safeInteger(message), v.minValue(least, message))
}

/** What a sealed value prints as, whichever way it is printed. */
const REDACTED = '[redacted]'

/**
 * A value that must not be seen: a key, a password, or options that hold one.
 *
 * It prints as `[redacted]` in JSON, in `util.inspect`, in template strings, and as an empty object after
 * `structuredClone`. Nothing in Holdline opens it except the socket actor, at the moment it dials.
 *
 * @example
 * ```ts
 * createActor(connectionMachine, { input: { apiKey: new Secret(process.env.OPENAI_API_KEY) } })
 * ```
 */
export class Secret<Value = string> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  /** Opens the seal. Call it where the value is used, and keep the result in no place that is printed. */
  static reveal<Value>(secret: Secret<Value>): Value {
    return secret.#value
  }

  /** True for a `Secret` made by this copy of the package; what came out of JSON is not one. */
  static is(value: unknown): value is Secret<unknown> {
    return typeof value === 'object' && value !== null && #value in value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  /** Node's `util.inspect` looks for this symbol; naming it this way needs no import from Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED
  }
}

/** What a credential provider is told about the attempt it is asked for. */
export interface CredentialRequest {
  /** Aborts when the attempt is given up: the connect timeout passed, or the connection was closed. */
  readonly signal: AbortSignal
  /** True when the last credential was answered with 401: skip your cache and fetch a new one. */
  readonly renew: boolean
}

/** A key, or a function that is asked for one before every connection attempt, reconnects included. */
export type ApiKey<Text extends string | Secret = string | Secret> =
  | Text
  | ((request: CredentialRequest) => Text | Promise<Text>)

/** A sealed key, or a function that gives one for each attempt. */
export type Credential = ApiKey<Secret>

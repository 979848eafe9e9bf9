import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { realClock } from '../clock.ts'
import { parseAt, parseScript } from '../script/parse.ts'
import type { Script } from '../script/types.ts'
import type { Model } from './model.ts'
import { echoModel } from './model.ts'

/** A server's certificate, as PEM texts. */
export interface ServerTls {
  readonly key: string
  readonly cert: string
  /** Authorities that client certificates are checked against. */
  readonly ca?: string | undefined
  /** Asks for a client certificate, and refuses a client without a valid one. Default false. */
  readonly requestCert?: boolean | undefined
}

/** What code can say beyond what a JSON script can. */
export interface ServerOptions extends Script {
  /** Measures and waits for everything the server does later. Default: `realClock`. */
  readonly clock?: Clock | undefined
  /** Answers where the script has no turn for a request. Default: `echoModel`. */
  readonly model?: Model | undefined
  /** Serves TLS (`wss://` and `https://`). Default: none. */
  readonly tls?: ServerTls | undefined
  /** Keeps the text of every message in the transcript. Default false: types and sizes only. */
  readonly keepFrames?: boolean | undefined
  /** Entries that each log keeps; the oldest go first. Default 10000. */
  readonly logLimit?: number | undefined
}

const DEFAULT_LOG_LIMIT = 10_000

const isClock = (value: unknown): value is Clock =>
  typeof value === 'object' &&
  value !== null &&
  ['setTimeout', 'clearTimeout', 'now'].every((name) => typeof Reflect.get(value, name) === 'function')

/** What only code can give, checked. */
export const codeSchema = v.object({
  clock: v.optional(v.custom<Clock>(isClock, 'must have setTimeout, clearTimeout and now')),
  model: v.optional(v.custom<Model>((value) => typeof value === 'function', 'must be a function')),
  tls: v.optional(
    v.strictObject({
      key: v.string(),
      cert: v.string(),
      ca: v.optional(v.string()),
      requestCert: v.optional(v.boolean()),
    }),
  ),
  keepFrames: v.optional(v.boolean()),
  logLimit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})

/** The options, checked, with the defaults of those that only code can give. */
export interface CheckedOptions {
  readonly script: Script
  readonly clock: Clock
  readonly model: Model
  readonly tls: ServerTls | null
  readonly keepFrames: boolean
  readonly logLimit: number
}

/** @throws BadOptionError naming the path of the first fault, as in `options.turns[0].text` */
export function checkOptions(options: ServerOptions): CheckedOptions {
  const { clock, model, tls, keepFrames, logLimit, ...script } = options
  const code = parseAt(codeSchema, { clock, model, tls, keepFrames, logLimit }, 'options')
  return {
    script: parseScript(script, 'options'),
    clock: code.clock ?? realClock,
    model: code.model ?? echoModel,
    tls: code.tls ?? null,
    keepFrames: code.keepFrames ?? false,
    logLimit: code.logLimit ?? DEFAULT_LOG_LIMIT,
  }
}

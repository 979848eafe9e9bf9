import type { AnyMachineSnapshot } from 'xstate'
import { isHoldlineError } from '../protocol/errors.ts'
import { Secret } from '../protocol/secret.ts'
import { type Placeholder, REDACTED } from './format.ts'

/** What of contexts and events may be shown as it is. */
export interface RedactOptions {
  /**
   * Names of further fields whose texts are shown, wherever they stand. Without it only texts of fields are shown
   * that Holdline's own charts fill with ids and codes. Default: none.
   */
  readonly reveal?: readonly string[] | undefined
}

/** A value as it may be written down: JSON, with placeholders for what is not shown. */
export type Redactor = (value: unknown) => unknown

/** Fields that hold ids, codes and names of states, in Holdline's charts and in most others. */
const PLAIN_FIELDS = [
  'because',
  'closedBecause',
  'code',
  'connection',
  'connectionKey',
  'conversationId',
  'credentialKind',
  'endpoint',
  'errno',
  'error',
  'eventType',
  'holder',
  'id',
  'jitter',
  'kind',
  'lane',
  'outcome',
  'phase',
  'policy',
  'previousResponseId',
  'problem',
  'progress',
  'provider',
  'responseId',
  'socket',
  'state',
  'status',
  'stream_id',
  'turnId',
  'type',
  'verdict',
  'wanted',
  'xstate$$type',
] as const

/** Fields that hold what users and models say, or what travels with it: of these only the size is shown. */
const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  'arguments',
  'body',
  'content',
  'delta',
  'frame',
  'headers',
  'history',
  'input',
  'instructions',
  'item',
  'items',
  'message',
  'messages',
  'metadata',
  'output',
  'outputs',
  'prompt',
  'response',
  'text',
  'tools',
  'transcript',
])

/** Ids, codes, dotted names and URLs without user, query and fragment. */
const PLAIN_TEXT = /^[\w.:/+ -]{0,128}$/
const CREDENTIAL_LIKE = /sk-|bearer|basic |eyJ[\w-]{8}|[A-Za-z0-9+/_-]{48}|secret|password/i
/** Ids of responses and items are as long as a key, and begin otherwise. */
const WIRE_ID = /^(resp|msg|fc|call|rs|item|evt)_[\w-]{1,96}$/
const PLAIN_NAME = /^[\w.$:-]{1,64}$/

/** The line keeps its lanes this deep, and 32 of them. */
const MAX_DEPTH = 7
const MAX_ENTRIES = 40
/** Longer texts are no names, and so many are numbered: it is a table in memory. */
const MAX_NAME = 64
const MAX_NUMBERED = 1_000

/**
 * A function that makes values fit to be written down. Numbers and truth values pass; a text passes when its field
 * is known to hold an id or a code, and it looks like one. Never throws, whatever it is given.
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const plain: ReadonlySet<string> = new Set([...PLAIN_FIELDS, ...(options.reveal ?? [])])
  const rules: Rules = { plain, revealed: new Set(options.reveal), texts: new Map() }
  return (value) => {
    try {
      return redact(value, '', 0, rules)
    } catch {
      return { $class: 'unreadable' } satisfies Placeholder
    }
  }
}

/** A text that may pass anywhere: an event's `type`, a code. Null for one that may not. */
export function plainText(text: unknown): string | null {
  if (typeof text !== 'string') return null
  if (WIRE_ID.test(text)) return text
  return PLAIN_TEXT.test(text) && !CREDENTIAL_LIKE.test(text) ? text : null
}

/** An event with its `type` in the clear, and what else of it may be shown. */
export function redactEvent(event: unknown, redactor: Redactor): { type: string; [field: string]: unknown } {
  const type = typeof event === 'object' && event !== null ? Reflect.get(event, 'type') : undefined
  const shown = redactor(event)
  const fields = typeof shown === 'object' && shown !== null ? shown : {}
  return { ...fields, type: eventName(type) }
}

/** XState's own event types carry ids of states and actors; all others must look like a plain name. */
export function eventName(type: unknown): string {
  if (typeof type !== 'string') return '(none)'
  if (type.startsWith('xstate.') && PLAIN_TEXT.test(type)) return type
  return plainText(type) ?? '(not shown)'
}

interface Rules {
  readonly plain: ReadonlySet<string>
  readonly revealed: ReadonlySet<string>
  /** Numbers of texts that are not shown, so that equal ones can be told: charts compare names. */
  readonly texts: Map<string, number>
}

function redact(value: unknown, field: string, depth: number, rules: Rules): unknown {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'string':
      return redactText(value, field, rules)
    case 'bigint':
      return { $text: String(value).length } satisfies Placeholder
    case 'function':
      return { $function: PLAIN_NAME.test(value.name) ? value.name : '' } satisfies Placeholder
    case 'object':
      return value === null ? null : redactObject(value, field, depth, rules)
    case 'symbol':
    case 'undefined':
      return undefined
  }
  return undefined
}

function redactText(text: string, field: string, { plain, revealed, texts }: Rules): unknown {
  if (text === REDACTED) return REDACTED
  const shown = revealed.has(field)
    ? text.length <= 512 && !CREDENTIAL_LIKE.test(text)
    : plain.has(field) && plainText(text) !== null
  return shown ? text : hiddenText(text, texts)
}

function hiddenText(text: string, texts: Map<string, number>): Placeholder {
  const isName = text.length <= MAX_NAME
  if (isName && !texts.has(text) && texts.size < MAX_NUMBERED) texts.set(text, texts.size + 1)
  const same = isName ? texts.get(text) : undefined
  return { $text: text.length, ...(same !== undefined && { same }) }
}

function redactObject(value: object, field: string, depth: number, rules: Rules): unknown {
  if (Secret.is(value)) return REDACTED
  if (value instanceof Error) return redactError(value)
  const ref = actorPathOf(value)
  if (ref !== null) return { $actor: ref } satisfies Placeholder
  if (CONTENT_FIELDS.has(field)) return contentOf(value)
  if (isMachineSnapshot(value)) return redactSnapshot(value, depth, rules)
  if (Array.isArray(value)) {
    const shown: unknown[] = value
      .slice(0, depth >= MAX_DEPTH ? 0 : MAX_ENTRIES)
      .map((entry) => redact(entry, field, depth + 1, rules))
    if (value.length > shown.length) shown.push({ $more: value.length - shown.length } satisfies Placeholder)
    return shown
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return { $class: className(value) } satisfies Placeholder
  return redactFields(value, depth, rules)
}

/** What XState tells of a child that is watched. Its states are the author's words, and what parents look at. */
function redactSnapshot({ status, value, context }: AnyMachineSnapshot, depth: number, rules: Rules): object {
  return { status, value: stateNames(value), context: redact(context, '', depth + 1, rules) }
}

function stateNames(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value) ?? ({ $text: value.length } satisfies Placeholder)
  const regions = Object.entries(value as object).map(([name, inner]) => [name, stateNames(inner)])
  return Object.fromEntries(regions) as object
}

function isMachineSnapshot(value: object): value is AnyMachineSnapshot {
  return 'machine' in value && 'value' in value && 'context' in value && '_nodes' in value
}

function redactFields(value: object, depth: number, rules: Rules): unknown {
  const names = Object.keys(value)
  if (depth >= MAX_DEPTH) return { $more: names.length } satisfies Placeholder
  const shown: Record<string, unknown> = {}
  let hidden = 0
  for (const name of names) {
    if (Object.keys(shown).length >= MAX_ENTRIES || !PLAIN_NAME.test(name) || CREDENTIAL_LIKE.test(name)) {
      hidden += 1
      continue
    }
    const field = redact(Reflect.get(value, name), name, depth + 1, rules)
    if (field !== undefined) shown[name] = field
  }
  if (hidden > 0) shown['$more'] = hidden
  return shown
}

function contentOf(value: object): Placeholder {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length
  const type = plainText(Reflect.get(value, 'type'))
  return type === null ? { $content: size } : { $content: size, type }
}

function redactError(error: Error): Placeholder {
  const code = isHoldlineError(error) ? error.code : plainText(Reflect.get(error, 'code'))
  const name = plainText(error.name) ?? 'Error'
  return code === null ? { $error: name } : { $error: name, code }
}

function className(value: object): string {
  const name: unknown = Reflect.get(value.constructor ?? {}, 'name')
  return typeof name === 'string' && PLAIN_NAME.test(name) ? name : 'object'
}

/** An XState actor, told by what every version of it has. Its `toJSON` would show an id and no more. */
function actorPathOf(value: object): string | null {
  if (!('sessionId' in value) || !('getSnapshot' in value) || !('id' in value)) return null
  return plainText(value.id) ?? 'actor'
}

import type { JsonSchema } from './schema.ts'

/** The keywords that OpenAI's guide to structured outputs lists as supported. */
const KEYWORDS: ReadonlySet<string> = words(`
  $schema type enum const anyOf $ref $defs title description properties required additionalProperties items minItems
  maxItems pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum
`)

const FORMATS: ReadonlySet<unknown> = words('date-time time date duration email hostname ipv4 ipv6 uuid')

/**
 * Whether a provider's strict mode is sure to take a JSON Schema: every object is closed, every property required,
 * every value has a type, and no keyword stands in it that the guide does not list.
 */
export function fitsStrictMode(schema: JsonSchema): boolean {
  return (
    Object.keys(schema).every((keyword) => KEYWORDS.has(keyword)) &&
    isTyped(schema) &&
    isClosed(schema) &&
    partsFit(schema)
  )
}

function isTyped({ type, anyOf, $ref, format, ...rest }: JsonSchema): boolean {
  if ($ref !== undefined) return Object.keys(rest).every((keyword) => keyword === '$defs')
  if (format !== undefined && !FORMATS.has(format)) return false
  return type !== undefined || anyOf !== undefined
}

function isClosed({ type, properties, required, additionalProperties }: JsonSchema): boolean {
  if (![type].flat().includes('object')) return true
  const names = new Set(Array.isArray(required) ? required : [])
  return additionalProperties === false && Object.keys(properties ?? {}).every((name) => names.has(name))
}

function partsFit({ properties, items, anyOf, $defs }: JsonSchema): boolean {
  const parts = [
    ...Object.values(properties ?? {}),
    ...Object.values($defs ?? {}),
    ...(Array.isArray(anyOf) ? anyOf : []),
    ...(items === undefined ? [] : [items]),
  ]
  return parts.every((part) => typeof part === 'object' && part !== null && fitsStrictMode(part))
}

function words(text: string): Set<string> {
  return new Set(text.trim().split(/\s+/))
}

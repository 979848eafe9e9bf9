import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { BadOptionError } from '../../protocol/errors.ts'
import { type JsonSchema, type StandardJsonSchema, isJsonSchema } from './schema.ts'

/**
 * The JSON Schema of what a model writes for a schema: a copy of a plain one, else what the schema says itself.
 *
 * @param path of the option that it came as
 * @throws {BadOptionError} when there is none and none can be made
 */
export function jsonSchemaOf(schema: StandardSchemaV1 | JsonSchema, path: string): JsonSchema {
  if (isJsonSchema(schema)) return copyOf(schema, path)
  const { vendor } = (schema as StandardSchemaV1)['~standard']
  const { $schema: _, ...written } = saidBy(schema as StandardSchemaV1, vendor, path)
  return written
}

function saidBy(schema: StandardSchemaV1, vendor: string, path: string): JsonSchema {
  try {
    if (vendor === 'valibot') return ofValibot(schema as GenericSchema)
    const { jsonSchema } = (schema as Partial<StandardJsonSchema>)['~standard'] ?? {}
    if (jsonSchema !== undefined) return closed(jsonSchema.input({ target: 'draft-2020-12' }))
  } catch (cause) {
    throw new BadOptionError(path, `cannot be written as JSON Schema: ${messageOf(cause)}`)
  }
  throw new BadOptionError(
    path,
    `is a schema of "${vendor}" that cannot say itself as JSON Schema: take a version of it with Standard JSON ` +
      'Schema, or a plain JSON Schema',
  )
}

function copyOf(given: JsonSchema, path: string): JsonSchema {
  try {
    return JSON.parse(JSON.stringify(given)) as JsonSchema
  } catch (cause) {
    throw new BadOptionError(path, `must be plain JSON (${messageOf(cause)})`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What the model writes is the schema's input. Rules that JSON Schema cannot say are checked, not told. */
const INPUT: ConversionConfig = {
  typeMode: 'input',
  overrideAction: ({ errors, jsonSchema }) => (errors === undefined ? undefined : jsonSchema),
}

/**
 * `v.object` drops unknown keys, so telling the model that there are none is true, and strict mode asks for it.
 * Not inside an intersection, whose members would forbid each other's keys.
 */
function ofValibot(schema: GenericSchema): JsonSchema {
  let intersects = false
  const told = toJsonSchema(schema, {
    ...INPUT,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      intersects ||= valibotSchema.type === 'intersect'
      return valibotSchema.type === 'object' ? { ...jsonSchema, additionalProperties: false } : undefined
    },
  })
  return (intersects ? toJsonSchema(schema, INPUT) : told) as JsonSchema
}

/** The same for the schemas of others, whose input lets keys in that their output drops. */
function closed(schema: JsonSchema): JsonSchema {
  return JSON.stringify(schema).includes('"allOf"') ? schema : (close(schema) as JsonSchema)
}

/** Values that are data and no schemas, whatever they look like. */
const DATA: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples'])

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close)
  if (typeof value !== 'object' || value === null) return value
  const within = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, DATA.has(key) ? part : close(part)]),
  )
  const isOpen = within['type'] === 'object' && 'properties' in within && !('additionalProperties' in within)
  return isOpen ? { ...within, additionalProperties: false } : within
}

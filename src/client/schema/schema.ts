import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { GenericSchema, GenericSchemaAsync } from 'valibot'

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Schemas whose JSON Schema need not be given: valibot's. */
export type ValibotSchema = GenericSchema | GenericSchemaAsync

/** A schema that can say itself as JSON Schema: zod's from version 4 on, ArkType's, and others. */
export type StandardJsonSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>

/** Schemas that can be told to a model, and that say the type of what they let through. */
export type TypedSchema = ValibotSchema | StandardJsonSchema

export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  // Some libraries' schemas are functions.
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  const standard = (value as Partial<StandardSchemaV1>)['~standard']
  return typeof standard === 'object' && typeof standard?.validate === 'function'
}

/** A plain object that is no schema of a library's is taken for JSON Schema. */
export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isStandardSchema(value)
}

/**
 * A schema that lets through what fits a JSON Schema (draft 2020-12). What it checks with is loaded when it checks
 * for the first time: most programs have no such schema.
 */
export function checkedBy(jsonSchema: JsonSchema): StandardSchemaV1<unknown, unknown> {
  const validate = async (value: unknown): Promise<StandardSchemaV1.Result<unknown>> => {
    const { Validator } = await import('@cfworker/json-schema')
    const { valid, errors } = new Validator(jsonSchema, '2020-12', false).validate(value)
    if (valid) return { value }
    // Each error comes with those of the objects around it, which say nothing more.
    const own = errors.filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items')
    const shown = own.length > 0 ? own : errors
    return {
      issues: shown.map(({ instanceLocation, error }) => ({
        message: error,
        path: pathOf(instanceLocation),
      })),
    }
  }
  return { '~standard': { version: 1, vendor: 'json-schema', validate } }
}

/** A JSON pointer of a URI's fragment, as in `#/tags/0/name`. */
function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { BadOptionError } from '../../protocol/errors.ts'
import type { ParametersSchema } from './tool.ts'

/**
 * The JSON Schema of a tool's arguments: a copy of `given`, else made from a valibot schema.
 *
 * @throws {BadOptionError} when there is none and none can be made, or it is not of type `object`
 */
export function parametersOf(
  schema: StandardSchemaV1,
  given: ParametersSchema | undefined,
): ParametersSchema {
  if (given !== undefined) return copyOf(given)
  const { vendor } = schema['~standard']
  if (vendor !== 'valibot') {
    throw new BadOptionError(
      'parameters',
      `is required with a schema that is not valibot's (this one is from "${vendor}"): give its JSON Schema`,
    )
  }
  const { $schema: _, ...parameters } = convert(schema as GenericSchema)
  if (parameters.type !== 'object') {
    throw new BadOptionError('schema', 'must be an object schema: the model gives arguments by name')
  }
  return parameters
}

function copyOf(given: ParametersSchema): ParametersSchema {
  try {
    return JSON.parse(JSON.stringify(given)) as ParametersSchema
  } catch (cause) {
    throw new BadOptionError('parameters', `must be plain JSON (${messageOf(cause)})`)
  }
}

function convert(schema: GenericSchema) {
  try {
    return convertClosed(schema)
  } catch (cause) {
    throw new BadOptionError(
      'schema',
      `cannot be written as JSON Schema: ${messageOf(cause)} Give the JSON Schema as "parameters"`,
    )
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
function convertClosed(schema: GenericSchema) {
  let intersects = false
  const closed = toJsonSchema(schema, {
    ...INPUT,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      intersects ||= valibotSchema.type === 'intersect'
      return valibotSchema.type === 'object' ? { ...jsonSchema, additionalProperties: false } : undefined
    },
  })
  return intersects ? toJsonSchema(schema, INPUT) : closed
}

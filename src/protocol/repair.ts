import * as v from 'valibot'
import { envelopeFields, errorBodyFields, errorFields, responseFields } from './schemas.ts'

// Some gateways send endings that do not fit the schema. An ending that cannot be read still ends its turn, so what
// can be read of it is kept, and the rest is left out.

type Fields = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A `response` of which every field that is read fits. Null where there is none; `id` is empty where it has none. */
export function repairResponse(value: unknown): Fields | null {
  if (!isRecord(value)) return null
  const { id, output, error, ...rest } = value
  return {
    ...fitting(rest, responseFields),
    id: v.is(responseFields.id, id) ? id : '',
    output: Array.isArray(output) ? output.filter(isItem) : [],
    ...(error !== undefined && {
      error: isRecord(error) ? fitting(error, errorBodyFields) : asMessage(error),
    }),
  }
}

/** True when nothing of the output is lost by a repair. */
export function hasWholeOutput(value: unknown): boolean {
  if (!isRecord(value)) return false
  const output = value['output'] ?? []
  return Array.isArray(output) && output.every(isItem)
}

/** An `error` or `response.error` event of which every field that is read fits. */
export function repairError(value: Fields, type: string): Fields {
  const { error, status, response, ...rest } = value
  const body = isRecord(error) ? fitting(error, errorBodyFields) : asMessage(error)
  return {
    ...fitting(rest, errorFields),
    type,
    ...(error !== undefined && { error: body }),
    ...(isStatus(status) && { status: Number(status) }),
    ...(response !== undefined && { response: repairResponse(response) }),
  }
}

/** An event without those fields of its envelope that do not fit. */
export function repairEnvelope(value: Fields): Fields {
  return fitting(value, envelopeFields)
}

function fitting(value: Fields, schemas: Readonly<Record<string, v.GenericSchema>>): Fields {
  const fits = ([name, field]: [string, unknown]) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
    return schema === undefined || v.is(schema, field)
  }
  return Object.fromEntries(Object.entries(value).filter(fits))
}

function isItem(value: unknown): boolean {
  return isRecord(value) && typeof value['type'] === 'string'
}

/** Some gateways say what is wrong in a text. */
function asMessage(error: unknown): Fields | null {
  return typeof error === 'string' ? { message: error } : null
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value))
}

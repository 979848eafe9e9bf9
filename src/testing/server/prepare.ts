import type { ErrorFrame } from '../script/types.ts'
import { readCompaction } from './compaction.ts'
import type { Remembered } from './memory.ts'
import { orphanProblem, pairingProblem } from './pairing.ts'
import type { ModelRequest } from './request.ts'
import { isReference, isWarmup, itemsOf, turnKey } from './request.ts'
import type { Item } from './wire.ts'
import { isObject, stringField } from './wire.ts'

/** Where a request came from, and what it may continue from. */
export interface Origin {
  readonly lane: string | null
  readonly transport: 'websocket' | 'http'
  readonly find: (id: string) => Remembered | undefined
  /** An item that the server has stored, by its id. */
  readonly findItem: (id: string) => Item | undefined
  /** Steered input that goes before the request's own. */
  readonly steered?: readonly Item[] | undefined
  /** True for a successor that the server starts by itself. */
  readonly successor?: boolean | undefined
}

/**
 * Reads a create when it starts: the parent is looked up now, not when the request arrived (Responses WebSocket
 * guide, on forks).
 *
 * @returns the request, or the error to refuse it with
 */
export function prepare(
  body: Readonly<Record<string, unknown>>,
  origin: Origin,
): ModelRequest | { refused: ErrorFrame } {
  const problem = fieldProblem(body)
  if (problem !== null) return { refused: { status: 400, ...problem } }
  const previousResponseId = stringField(body, 'previous_response_id') ?? null
  const parent = previousResponseId === null ? null : origin.find(previousResponseId)
  if (parent === undefined) {
    const code = 'previous_response_not_found'
    const message = `Previous response with id '${previousResponseId?.slice(0, 64)}' not found.`
    return { refused: { status: 400, code, param: 'previous_response_id', message } }
  }
  const given = resolve(itemsOf(body['input']), origin.findItem)
  if ('refused' in given) return given
  const before = parent?.items ?? []
  const read = readCompaction(body, before, [...(origin.steered ?? []), ...given.items])
  if ('refused' in read) return read
  const { input, compaction } = read
  const message = pairingProblem(before, input) ?? orphanProblem(input)
  if (message !== null) return { refused: { status: 400, code: null, param: 'input', message } }
  return {
    model: stringField(body, 'model') ?? '',
    input,
    context: [...before, ...input],
    previousResponseId,
    lane: origin.lane,
    store: body['store'] !== false,
    warmup: isWarmup(body),
    compaction,
    successor: origin.successor ?? false,
    transport: origin.transport,
    turnKey: turnKey(body),
    body,
  }
}

/** Puts each item in the place of a reference to it. */
function resolve(
  items: readonly Item[],
  findItem: Origin['findItem'],
): { items: readonly Item[] } | { refused: ErrorFrame } {
  const resolved: Item[] = []
  for (const item of items) {
    const id = isReference(item) ? (stringField(item, 'id') ?? '') : null
    const found = id === null ? item : findItem(id)
    if (found === undefined) {
      const message = `Item with id '${id?.slice(0, 64)}' not found.`
      return { refused: { status: 404, code: null, param: 'input', message } }
    }
    resolved.push(found)
  }
  return { items: resolved }
}

type FieldProblem = Pick<ErrorFrame, 'code' | 'param' | 'message'>

/** What is wrong with the fields that the server reads, or null. */
function fieldProblem(body: Readonly<Record<string, unknown>>): FieldProblem | null {
  const model = body['model']
  if (model === undefined) {
    return {
      code: 'missing_required_parameter',
      param: 'model',
      message: "Missing required parameter: 'model'.",
    }
  }
  if (typeof model !== 'string' || model === '') return wrongType('model', 'a model name')
  const previous = body['previous_response_id'] ?? null
  if (previous !== null && typeof previous !== 'string') return wrongType('previous_response_id', 'a string')
  if (previous !== null && (body['conversation'] ?? null) !== null) {
    const message = "'previous_response_id' cannot be used together with 'conversation'."
    return { code: 'mutually_exclusive_parameters', param: 'previous_response_id', message }
  }
  if (body['background'] === true) {
    const message = "Unsupported parameter: 'background' is not supported here."
    return { code: 'unsupported_parameter', param: 'background', message }
  }
  return inputProblem(body['input'])
}

function inputProblem(input: unknown): FieldProblem | null {
  if (input === undefined || typeof input === 'string') return null
  if (!Array.isArray(input)) return wrongType('input', 'a string or an array')
  const index = input.findIndex((item) => !isObject(item))
  return index === -1 ? null : wrongType(`input[${index}]`, 'an object')
}

function wrongType(param: string, expected: string): FieldProblem {
  return { code: 'invalid_type', param, message: `Invalid type for '${param}': expected ${expected}.` }
}

import type { ErrorFrame } from '../script/types.ts'
import type { Route } from './http-routes.ts'
import type { Item } from './wire.ts'
import type { World } from './world.ts'

type Reply = { readonly done: Item } | { readonly refused: ErrorFrame }

/** Answers what is asked of responses that are stored already, and of models. */
export function answerStored(
  { name, id }: Route,
  method: string,
  query: URLSearchParams,
  world: World,
): Reply {
  if (name === 'models') return { done: { object: 'list', data: world.settings.models.map(modelOf) } }
  if (name === 'model') return model(id, world)
  const stored = world.stored.get(id)
  if (stored === undefined) {
    return { refused: { status: 404, message: `Response with id '${id.slice(0, 64)}' not found.` } }
  }
  if (name === 'input-items') return { done: listOf(stored.input, query) }
  if (name === 'cancel') {
    return { refused: { status: 400, message: 'Cannot cancel a synchronous response.' } }
  }
  if (method === 'GET') return { done: stored.response }
  world.stored.forget(id)
  return { done: { id, object: 'response', deleted: true } }
}

function model(id: string, { settings }: World): Reply {
  if (settings.models.includes(id)) return { done: modelOf(id) }
  const message = `The model '${id.slice(0, 64)}' does not exist.`
  return { refused: { status: 404, code: 'model_not_found', param: 'model', message } }
}

function modelOf(id: string): Item {
  return { id, object: 'model', created: 0, owned_by: 'openai' }
}

/** One page of a list, the newest first unless `order=asc` (Responses API, list input items). */
function listOf(items: readonly Item[], query: URLSearchParams): Item {
  const ordered = query.get('order') === 'asc' ? [...items] : items.toReversed()
  const after = query.get('after')
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  const limit = Math.min(100, Math.max(1, Number(query.get('limit') ?? 20) || 20))
  const data = ordered.slice(start, start + limit)
  const has_more = start + limit < ordered.length
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more,
  }
}

import type { ErrorFrame } from '../script/types.ts'
import { encode } from './output.ts'
import { prepare } from './prepare.ts'
import { usageOf } from './response.ts'
import type { Item } from './wire.ts'
import type { World } from './world.ts'

/**
 * `POST …/responses/compact`: the user's messages as they are, and one compaction item for the rest. The result is a
 * window to begin a new chain with, not a response to continue (Compaction guide).
 */
export function compact(
  body: Readonly<Record<string, unknown>>,
  world: World,
): { done: Item } | { refused: ErrorFrame } {
  const { stored } = world
  const request = prepare(body, {
    lane: null,
    transport: 'http',
    find: (id) => stored.get(id),
    findItem: (id) => stored.item(id),
  })
  if ('refused' in request) return request
  const kept = request.context.filter((item) => item['role'] === 'user')
  const rest = request.context.filter((item) => item['role'] !== 'user')
  const item = {
    id: world.ids.next('cmp'),
    type: 'compaction',
    encrypted_content: encode(JSON.stringify(rest)),
  }
  const output = [...kept, item]
  const done = {
    id: world.ids.next('resp'),
    object: 'response.compaction',
    created_at: Math.floor(world.clock.now() / 1000),
    output,
    usage: usageOf(request, output),
  }
  return { done }
}

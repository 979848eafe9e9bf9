import type { IncomingMessage, ServerResponse } from 'node:http'
import { authorized } from './auth.ts'
import { compact } from './compact.ts'
import type { ErrorFrame } from '../script/types.ts'
import { errorFrameOf } from './error-frames.ts'
import { UNKNOWN_ID } from './faults.ts'
import { readBody } from './http-body.ts'
import { routeOf } from './http-routes.ts'
import { HttpWire } from './http-wire.ts'
import { prepare } from './prepare.ts'
import type { RequestRecord } from './records.ts'
import type { ModelRequest } from './request.ts'
import { addCreate, recordOf } from './request-record.ts'
import { Run } from './run.ts'
import { answerStored } from './stored-routes.ts'
import type { Item } from './wire.ts'
import { isObject } from './wire.ts'
import type { World } from './world.ts'
import { countUp } from './world.ts'

/**
 * The HTTP side: `POST …/responses` (server-sent events, or JSON where `stream` is not true),
 * `POST …/responses/compact`, and what can be asked of stored responses. Same scripts as the WebSocket side, but no
 * memory: only stored responses can be continued.
 */
export class HttpSide {
  readonly #world: World
  readonly #keys: () => readonly string[] | null
  readonly #active = new Set<{ readonly wire: HttpWire; readonly run: Run }>()

  constructor(world: World, keys: () => readonly string[] | null) {
    this.#world = world
    this.#keys = keys
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {})
    response.setHeader('x-request-id', this.#world.ids.next('req'))
    const { method = '' } = request
    const route = routeOf(pathOf(request))
    if (route === null) return answer(response, { status: 404, message: 'Not found.' })
    if (!authorized(request.headers, this.#keys(), this.#world.settings)) {
      const message = 'Incorrect API key provided.'
      return answer(response, { status: 401, code: 'invalid_api_key', message })
    }
    if (!route.methods.includes(method)) {
      const allowed = route.methods.join(', ')
      response.setHeader('allow', allowed)
      return answer(response, { status: 405, message: `Use ${allowed}.` })
    }
    if (route.name !== 'create' && route.name !== 'compact') {
      this.#reply(response, answerStored(route, method, queryOf(request), this.#world))
      return
    }
    readBody(request, this.#world.settings.limits.maxBodyBytes, (read) => {
      if ('refused' in read) return answer(response, read.refused)
      const body = parse(read.text)
      if (body === null) return answer(response, { status: 400, message: 'The body is not a JSON object.' })
      this.#log('in', route.name === 'compact' ? 'compact' : 'response.create', read.text)
      if (route.name === 'compact') this.#compact(body, response)
      else this.#create(body, response)
    })
  }

  /** Drops every response that is under way. */
  stop(): void {
    for (const { wire, run } of this.#active) {
      run.stop()
      wire.drop()
    }
  }

  #compact(body: Readonly<Record<string, unknown>>, response: ServerResponse): void {
    const text = this.#reply(response, compact(body, this.#world))
    if (text !== null) this.#log('out', 'response.compaction', text)
  }

  /** Sends one JSON document, and gives its text; null where it was an error. */
  #reply(
    response: ServerResponse,
    result: { readonly done: Item } | { readonly refused: ErrorFrame },
  ): string | null {
    if ('refused' in result) {
      answer(response, result.refused)
      return null
    }
    const text = JSON.stringify(result.done)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    return text
  }

  #create(body: Readonly<Record<string, unknown>>, response: ServerResponse): void {
    const { logs, stored, clock } = this.#world
    const record = recordOf(body, { at: clock.now(), lane: null, transport: 'http', connection: null })
    addCreate(logs, record)
    const request = prepare(body, {
      lane: null,
      transport: 'http',
      find: (id) => stored.get(id),
      findItem: (id) => stored.item(id),
    })
    if ('refused' in request) {
      record.outcome = 'error'
      answer(response, request.refused)
    } else {
      this.#run(request, record, response)
    }
    this.#world.changed()
  }

  #run(request: ModelRequest, record: RequestRecord, response: ServerResponse): void {
    const { clock, ids, settings, logs, stored, turns, byHand, changed } = this.#world
    const stream = request.body['stream'] === true
    const wire = new HttpWire(response, stream, clock, (type, bytes, text) => {
      logs.frame({ at: clock.now(), connection: null, direction: 'out', type, lane: null, bytes }, text)
    })
    const run = new Run({
      clock,
      ids,
      wire,
      byHand,
      request,
      turn: turns.take(request),
      errors: settings.errors,
      warmupCreated: settings.warmup.created,
      responseId: null,
      staleId: () => UNKNOWN_ID,
      interrupted: () => false,
      settled: (outcome) => {
        record.outcome = outcome
        const continuable = outcome === 'completed' || outcome === 'incomplete'
        if (continuable && request.store) stored.add(run.remembered())
      },
      released: () => changed(),
      finished: () => {
        this.#active.delete(active)
        wire.finish()
      },
    })
    const active = { wire, run }
    record.responseId = run.id
    if (!record.warmup) countUp(logs.runs, record.turnKey)
    this.#active.add(active)
    response.on('close', () => {
      this.#active.delete(active)
      run.stop()
    })
    run.start()
  }

  #log(direction: 'in' | 'out', type: string, text: string): void {
    const bytes = Buffer.byteLength(text)
    this.#world.logs.frame(
      { at: this.#world.clock.now(), connection: null, direction, type, lane: null, bytes },
      text,
    )
  }
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
}

/** The path of a request, without its query; hostile ones included. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

function answer(response: ServerResponse, error: ErrorFrame): void {
  const body = { error: errorFrameOf(error, {})['error'] }
  response.writeHead(error.status ?? 500, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

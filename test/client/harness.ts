import { onTestFinished } from 'vitest'
import { waitFor } from 'xstate'
import type { ConnectionStateName } from '../../machines/index.ts'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { OpenAIWebSocketManager, type OpenAIWebSocketManagerOptions } from '../../src/client/manager.ts'
import type { ConnectionOptions } from '../../src/client/options.ts'
import { openai } from '../../src/protocol/index.ts'
import {
  type ResponsesServer,
  type ServerOptions,
  SimulatedClock,
  createResponsesServer,
  settle,
} from '../../src/testing/index.ts'

export const KEY = 'sk-planted-0123456789abcdef'

export async function startServer(options: ServerOptions = {}): Promise<ResponsesServer> {
  const server = await createResponsesServer({ apiKey: KEY, ...options })
  onTestFinished(() => server.close())
  return server
}

/** A connection on a simulated clock, stopped when the test ends. Delays are those of the table, exactly. */
export function startConnection(server: { url: string }, options: ConnectionOptions = {}) {
  const clock = new SimulatedClock()
  const connection = new ResponsesConnection({
    url: server.url,
    apiKey: KEY,
    jitter: 'none',
    clock,
    ...options,
    // A profile is believed where it was written for.
    provider: { ...(options.provider ?? openai), url: server.url },
  })
  onTestFinished(() => void connection.stop())
  return { clock, connection, ...watch(connection) }
}

export function startManager(server: { url: string }, options: OpenAIWebSocketManagerOptions = {}) {
  const clock = new SimulatedClock()
  const manager = new OpenAIWebSocketManager({ url: server.url, jitter: 'none', clock, ...options })
  onTestFinished(() => void manager.connection.stop())
  return { clock, manager, connection: manager.connection, ...watch(manager.connection) }
}

function watch(connection: ResponsesConnection) {
  return {
    /** Waits for a top-level state, or for any value that `matches` takes. */
    async reaches(name: ConnectionStateName): Promise<void> {
      await waitFor(connection.actor, (snapshot) => snapshot.matches(name), { timeout: 5_000 })
    },
    /** Waits for the next event of a type. */
    next<Type extends Parameters<typeof connection.on>[0]>(type: Type): Promise<unknown> {
      return new Promise((resolve) => {
        const off = connection.on(type, (event) => {
          off()
          resolve(event)
        })
      })
    },
  }
}

/** Whether a promise is still pending, after everything in flight has come to rest. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  const rest = settle().then(() => pending)
  return (await Promise.race([promise.catch(() => null), rest])) === pending
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { code?: string }
  }
  throw new Error('the promise was fulfilled')
}

/** Turns the event loop until something holds. The test's own timeout ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle(1)
}

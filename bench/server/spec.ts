import type { ServerAddress } from '../harness/scenario.ts'

/** What the server does with a create. It is told in the path of the URL, which every client takes as it is. */
export interface Behaviour {
  /** Deltas of a response. */
  readonly frames?: number
  /** Size of a delta frame in bytes. */
  readonly bytes?: number
  /** So many creates are waited for, and then answered frame by frame in turn. Default: 1. */
  readonly lanes?: number
  /** So many responses ask for a tool, and the one after them does not. */
  readonly calls?: number
}

/** The URL of the Responses endpoint that behaves like this. */
export function urlOf({ port }: Pick<ServerAddress, 'port'>, behaviour: Behaviour, scheme = 'ws'): string {
  return `${scheme}://127.0.0.1:${port}/${encodeURIComponent(JSON.stringify(behaviour))}/v1/responses`
}

export function behaviourOf(path: string): Behaviour {
  return JSON.parse(decodeURIComponent(path.split('/')[1] ?? '{}')) as Behaviour
}

/** A create with this model makes the server drop the connection instead. */
export const DROP = 'drop'

import type { ServerAddress } from '../harness/scenario.ts'
import { type Behaviour, urlOf } from '../server/spec.ts'

/** Someone who asks for responses on a connection that is open already. */
export interface Talker {
  /** Asks for one response; resolves when all of it was heard. */
  turn(): Promise<void>
  close?(): void
}

/** Opens a connection; `heard` is called with the text of every delta, where the way of reading has them. */
export type OpenTalker = (to: Endpoint, heard: (delta: string) => void) => Promise<Talker>

/** The endpoint, in the ways in which clients want to be told. */
export interface Endpoint {
  readonly url: string
  /** Without `/responses`, as the `openai` package takes it. */
  readonly baseURL: string
}

export function endpointOf(server: Pick<ServerAddress, 'port'>, behaviour: Behaviour): Endpoint {
  const url = urlOf(server, behaviour)
  return { url, baseURL: url.replace(/^ws/, 'http').replace(/\/responses$/, '') }
}

/** What every way asks for. */
export const CREATE = {
  type: 'response.create',
  model: 'm',
  input: [{ type: 'message', role: 'user', content: 'Go on.' }],
  store: false,
} as const
export const CREATE_TEXT = JSON.stringify(CREATE)

export interface Frame {
  readonly type: string
  readonly delta: string
  readonly stream_id?: string
}

/** A promise for what comes as a callback: the end of a turn, an open connection. One at a time. */
export class Wait {
  #done: () => void = () => {}

  readonly done = (): void => this.#done()

  begin(ask: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve
      ask()
    })
  }
}

/**
 * The messages of `@statelyai/inspect` 0.7, as its receivers read them. Fields that it declares and this stream
 * does not know are left out of the types.
 */
interface StatelyBase {
  readonly sessionId: string
  readonly rootId: string | undefined
  /** ms since 1970, as text. */
  readonly createdAt: string
  readonly id: null
  readonly _version: string
}

export interface StatelyActor extends StatelyBase {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId: string | undefined
  /** The machine's config as JSON text, functions as `{ type: name }`. */
  readonly definition: string
  readonly snapshot: unknown
}

export interface StatelyEvent extends StatelyBase {
  readonly type: '@xstate.event'
  readonly sourceId: string | undefined
  readonly event: { readonly type: string }
}

export interface StatelySnapshot extends StatelyBase {
  readonly type: '@xstate.snapshot'
  readonly event: { readonly type: string }
  readonly snapshot: unknown
}

export type StatelyMessage = StatelyActor | StatelyEvent | StatelySnapshot

/** The version whose shapes these are. */
export const STATELY_VERSION = '0.7.2'

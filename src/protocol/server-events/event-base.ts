/** What every server event can carry. */
export interface EventBase {
  /** The lane. On every event of a named lane, absent on the default lane. */
  readonly stream_id?: string | undefined
  /** Rises within one response. Gaps are normal; lanes repeat values; protocol errors may have none. */
  readonly sequence_number?: number | undefined
}

/** An event about one output item. */
export interface ItemEvent<Type extends string> extends EventBase {
  readonly type: Type
  readonly item_id: string
  readonly output_index: number
}

/** A piece of text that is to be appended to what came before. */
export interface DeltaFields {
  readonly delta: string
  /** Padding against guessing by length. */
  readonly obfuscation?: string | undefined
}

/** Spelled as a distribution, so that each type is a union member of its own and `Extract` finds it. */
export type ItemEventOf<Type extends string> = Type extends string ? ItemEvent<Type> : never

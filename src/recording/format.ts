import * as v from 'valibot'

/**
 * The file format of recordings: JSON lines (UTF-8, one object a line, `\n` between them).
 *
 * ```
 * {"holdline":"recording","version":1,"startedAt":"2026-11-22T15:00:00.000Z"}
 * {"at":0,"kind":"actor","actor":"connection","change":"started","chart":"connection","state":"idle"}
 * {"at":0.4,"kind":"transition","actor":"connection","event":{"type":"connect"},"from":"idle","to":"connecting",…}
 * {"at":0.5,"kind":"timer","actor":"connection","change":"set","delay":"connectTimeout","delayMs":15000,…}
 * {"at":812.3,"kind":"frame","actor":"connection","direction":"in","type":"response.created","bytes":412}
 * {"at":815.1,"kind":"frame",…,"bytes":614,"count":2,"spanMs":8.2,"each":[[0,310],[8.2,304]]}
 * ```
 *
 * The first line is the header, every other one an entry. `at` counts ms from the start of the recording and never
 * goes back. `actor` is a path of actor ids from the root down, as in `conversation/connection/socket`; a root
 * without an id of its own is named after its machine, and a second one of the same name gets `#2`.
 *
 * No entry holds a credential, and none the content of a frame unless whoever recorded asked for it. What was left
 * out stands as one of the `Placeholder`s, so a reader can tell it from a value. Readers skip entries of a kind they
 * do not know.
 */
export const RECORDING_VERSION = 1

/** Media type and file ending of recordings. */
export const RECORDING_MEDIA_TYPE = 'application/x-ndjson'
export const RECORDING_EXTENSION = '.holdline.jsonl'

const ms = v.pipe(v.number(), v.finite(), v.minValue(0))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const actor = v.pipe(v.string(), v.minLength(1), v.maxLength(1024))

/** A state value as XState gives it: a name, or an object of regions. `null` for actors without states. */
export type StateValueData = string | null | { readonly [region: string]: StateValueData }

const stateValue: v.GenericSchema<StateValueData> = v.union([
  v.string(),
  v.null(),
  v.record(
    v.string(),
    v.lazy(() => stateValue),
  ),
])

/** An event with what it may show. `type` is always there; other fields are values or placeholders. */
const event = v.looseObject({ type: v.string() })

export const recordingHeaderSchema = v.looseObject({
  holdline: v.literal('recording'),
  version: v.literal(RECORDING_VERSION),
  /** Wall-clock time at `at` 0 (ISO 8601), or null where the clock was a simulated one. */
  startedAt: v.optional(v.nullable(v.string()), null),
  /** What was recorded, in the words of whoever recorded it. */
  title: v.optional(v.string()),
})

/** An actor came, went, or was there already when the recording began (or when its oldest entries were dropped). */
const actorEntry = v.looseObject({
  at: ms,
  kind: v.literal('actor'),
  actor,
  change: v.picklist(['started', 'present', 'stopped', 'done', 'failed']),
  /** The id of its machine; null for promises, callbacks and the like. */
  chart: v.optional(v.nullable(v.string()), null),
  /** XState's `sessionId`. Unique in one process only: match actors by `actor`. */
  session: v.optional(v.string()),
  state: v.optional(stateValue, null),
  context: v.optional(v.unknown()),
})

/** One field of a context that changed. `before` or `after` is absent where the field is. */
const contextChange = v.looseObject({
  /** Names from the top of the context down, as in `["retry", "attempt"]`. */
  path: v.array(v.union([v.string(), v.number()])),
  before: v.optional(v.unknown()),
  after: v.optional(v.unknown()),
})

/** One transition that was selected, or refused by its guard. */
const step = v.looseObject({
  /** The state that the transition belongs to: path from the chart's root, as in `open.health.probation`; `` for the root. */
  source: v.string(),
  /** The event descriptor it stands under (`socket.lost`, `xstate.after.backoff.…`, `` for eventless). */
  on: v.string(),
  /** Its place among the transitions of that state for that descriptor, from 0. */
  index: count,
  /** The states it leads to, as paths; empty for one without a target. */
  targets: v.optional(v.array(v.string()), []),
  /** The guard's name, null where there is none; `and(isStable, mayRetry)` for composed ones. */
  guard: v.optional(v.nullable(v.string()), null),
})

/** One event was handled by an actor with states, whether or not that changed anything. */
const transitionEntry = v.looseObject({
  at: ms,
  kind: v.literal('transition'),
  actor,
  event,
  /** Path of the actor that sent it; null for one from outside. */
  source: v.optional(v.nullable(v.string()), null),
  from: stateValue,
  to: stateValue,
  /** What was taken, in order. Empty where no transition was enabled. */
  taken: v.optional(v.array(step), []),
  /** Candidates whose guards said no. */
  refused: v.optional(v.array(step), []),
  /** Names of the actions of what was taken. */
  actions: v.optional(v.array(v.string()), []),
  changed: v.optional(v.array(contextChange), []),
  /** XState's status after it. */
  status: v.optional(v.picklist(['active', 'done', 'error', 'stopped']), 'active'),
})

/** One event was delivered to an actor without states, such as a socket. */
const eventEntry = v.looseObject({
  at: ms,
  kind: v.literal('event'),
  actor,
  event,
  source: v.optional(v.nullable(v.string()), null),
})

/** A delayed transition was armed, taken back, or came due. */
const timerEntry = v.looseObject({
  at: ms,
  kind: v.literal('timer'),
  actor,
  change: v.picklist(['set', 'cleared', 'fired']),
  /** XState's id of the delayed event: one timer runs under one id at a time. */
  id: v.string(),
  /** The delay's name in the chart, or null. Given with `set`. */
  delay: v.optional(v.nullable(v.string()), null),
  /** How long it runs. Given with `set`. */
  delayMs: v.optional(v.nullable(v.number()), null),
  /** The state that armed it, as a path. */
  state: v.optional(v.nullable(v.string()), null),
})

/**
 * WebSocket frames: each with its direction, type, size and time. Frames of one type that came one after the other may
 * share an entry, and `each` tells them apart then. No contents, unless they were asked for.
 */
const frameEntry = v.pipe(
  v.looseObject({
    /** Time of the first one. */
    at: ms,
    kind: v.literal('frame'),
    /** The connection actor. */
    actor,
    connectionId: v.optional(count, 0),
    direction: v.picklist(['in', 'out']),
    frame: v.optional(v.picklist(['message', 'ping', 'pong']), 'message'),
    type: v.optional(v.nullable(v.string()), null),
    /** Size of the payloads together. */
    bytes: count,
    count: v.optional(v.pipe(count, v.minValue(1)), 1),
    /** From the first to the last of them. */
    spanMs: v.optional(ms, 0),
    /** `[ms since at, bytes]` of each frame, in order. Absent where there is one. */
    each: v.optional(v.array(v.tuple([ms, count]))),
    /** What the frame says, without credentials: these stand as `[redacted]`. Absent for binary ones, pings and pongs. */
    text: v.optional(v.string()),
    /** Bytes at the end of the text that are not shown. */
    cutBytes: v.optional(count),
  }),
  v.check((entry) => tellsEachFrame(entry)),
)

/** True where `each` is about as many frames and bytes as the entry. */
function tellsEachFrame(entry: {
  readonly count: number
  readonly bytes: number
  readonly each?: readonly (readonly [number, number])[] | undefined
}): boolean {
  const each = entry.each ?? (entry.count === 1 ? [[0, entry.bytes] as const] : [])
  return each.length === entry.count && each.reduce((sum, [, bytes]) => sum + bytes, 0) === entry.bytes
}

/** The structure of a chart, so that a recording can be drawn where the machine is not. */
const chartEntry = v.looseObject({
  at: ms,
  kind: v.literal('chart'),
  /** The name that `actor` entries use. */
  chart: v.string(),
  /** States and transitions; `null` where it could not be described. */
  model: v.unknown(),
})

/** Entries of this many were not kept: the buffer was full. */
const droppedEntry = v.looseObject({ at: ms, kind: v.literal('dropped'), count })

/** Something that whoever recorded wanted to point at, as in `the server drops the line`. */
const markEntry = v.looseObject({ at: ms, kind: v.literal('mark'), label: v.string() })

/** One line of a recording after its header. */
export const recordingEntrySchema = v.variant('kind', [
  transitionEntry,
  timerEntry,
  frameEntry,
  eventEntry,
  actorEntry,
  chartEntry,
  droppedEntry,
  markEntry,
])

/** What stands in a recording for a value that is not shown. */
export type Placeholder =
  /** A text, by its length in UTF-16 units. Texts with the same number in `same` are equal. */
  | { readonly $text: number; readonly same?: number }
  /** A function, by its name. */
  | { readonly $function: string }
  /** An object of a class, by the class. */
  | { readonly $class: string }
  /** An error: its class, and its code where that is a plain one. */
  | { readonly $error: string; readonly code?: string }
  /** Content: what holds frames, history or metadata. Entries it has, and its `type` where that is a plain one. */
  | { readonly $content: number; readonly type?: string }
  /** A list or an object that goes on: entries that are not shown. */
  | { readonly $more: number }
  /** An actor, by its path. */
  | { readonly $actor: string }

/** What stands for a value sealed in a `Secret`. */
export const REDACTED = '[redacted]'

/** `RecordingHeader` as a reader gets it: defaults are filled in. */
export type RecordingHeader = v.InferOutput<typeof recordingHeaderSchema>
/** Any entry as a reader gets it: defaults are filled in. */
export type RecordingEntry = v.InferOutput<typeof recordingEntrySchema>
/** Any entry as a writer makes it: what equals the default may be left out. */
export type RecordingEntryInput = v.InferInput<typeof recordingEntrySchema>
export type RecordingKind = RecordingEntry['kind']
/** The entry of one kind. */
export type EntryOf<Kind extends RecordingKind> = Extract<RecordingEntry, { kind: Kind }>
export type TransitionStep = v.InferOutput<typeof step>
export type ContextChange = v.InferOutput<typeof contextChange>
/** An entry before it is known when it happened. */
export type WithoutTime<Entry> = Entry extends unknown
  ? { [Name in keyof Entry as Name extends 'at' ? never : Name]: Entry[Name] }
  : never

import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  transition,
} from 'xstate'
import { connectionChart, conversationChart, lineChart, steerChart, turnChart } from '../../machines/index.ts'
import { MAX_CHANGES, isWhole, valueAt, withChanges } from './changes.ts'
import { firstDifference } from './difference.ts'
import type { EntryOf, RecordingEntry, StateValueData } from './format.ts'
import { parseRecording } from './parse.ts'
import { eventName } from './redact.ts'
import { OTHER_STAND_INS, STAND_INS, type StandIns, revive } from './revive.ts'
import { textAssignments } from './text-assignments.ts'

/** Options of {@link replay} and {@link conforms}. */
export interface ReplayOptions {
  /** Charts by the name that the recording gives them. Default: Holdline's own five. */
  readonly charts?: Readonly<Record<string, AnyStateMachine>> | undefined
}

const OWN_CHARTS = {
  connection: connectionChart,
  conversation: conversationChart,
  line: lineChart,
  steer: steerChart,
  turn: turnChart,
} as unknown as Readonly<Record<string, AnyStateMachine>>

/** One recorded transition, and what the chart makes of it. */
export interface ReplayedTransition {
  /** Its place among the entries of the recording, from 1. */
  readonly entry: number
  readonly at: number
  readonly actor: string
  /** The event's type. */
  readonly event: string
  /** The state before, as it was recorded. */
  readonly from: StateValueData
  /** The state after, as it was recorded. */
  readonly to: StateValueData
  /** The state after, as the chart has it. */
  readonly charted: StateValueData
  /** The delays that the chart sets in it, in ms by the id of each; null where the recording does not determine it. */
  readonly delays: Readonly<Record<string, number | null>>
  /** How they differ, or how the context after it does from what the chart computes, in words; null where they agree. */
  readonly problem: string | null
}

interface Replica {
  readonly machine: AnyStateMachine
  value: StateValueData
  /** As it was recorded, placeholders and all. */
  context: unknown
}

/**
 * Runs a recording on the pure chart, without sockets and timers: every recorded event is given to the chart in the
 * state that was recorded before it. Left out are actors of charts that are not known, what follows a gap until the
 * actor is recorded anew, and transitions out of a context that was too large to be recorded whole.
 *
 * @throws {HoldlineError} `ERR_BAD_RECORDING` naming the file and the line that cannot be read
 */
export async function replay(file: string, options: ReplayOptions = {}): Promise<ReplayedTransition[]> {
  const { entries } = parseRecording(await readFile(file, 'utf8'), file)
  return replayEntries(entries, options)
}

/** The same for the entries of a recording that is in memory. */
export function replayEntries(
  entries: readonly RecordingEntry[],
  { charts = OWN_CHARTS }: ReplayOptions = {},
): ReplayedTransition[] {
  const replicas = new Map<string, Replica>()
  const replayed: ReplayedTransition[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'dropped') replicas.clear()
    if (entry.kind === 'actor') follow(replicas, entry, charts)
    if (entry.kind !== 'transition') continue
    const replica = replicas.get(entry.actor)
    if (replica === undefined) continue
    if (isWhole(replica.context)) replayed.push(step(replica, entry, index + 1))
    replica.value = entry.to
    replica.context = withChanges(replica.context, entry.changed)
    if (entry.changed.length >= MAX_CHANGES) replicas.delete(entry.actor)
  }
  return replayed
}

function follow(
  replicas: Map<string, Replica>,
  entry: EntryOf<'actor'>,
  charts: Readonly<Record<string, AnyStateMachine>>,
): void {
  const { actor, change, chart, state, context } = entry
  if (change !== 'started' && change !== 'present') return void replicas.delete(actor)
  const machine = chart === null ? undefined : charts[chart]
  if (machine !== undefined) replicas.set(actor, { machine, value: state, context })
}

function step(replica: Replica, entry: EntryOf<'transition'>, number: number): ReplayedTransition {
  const { at, actor, event, from, to } = entry
  const charted = chartedAfter(replica, entry, STAND_INS)
  const other = chartedAfter(replica, entry, OTHER_STAND_INS)
  const agrees = other.fault === null && isDeepStrictEqual(charted.value, other.value)
  const problem =
    problemOf(replica, entry, charted) ?? (agrees ? contextProblem(replica, entry, charted, other) : null)
  const delays = Object.fromEntries(
    Object.entries(charted.delays).map(([id, ms]) => [id, other.delays[id] === ms ? ms : null]),
  )
  return { entry: number, at, actor, event: event.type, from, to, charted: charted.value, delays, problem }
}

const NOBODY: AnyActorRef = createEmptyActor()

/** The children of a recorded actor are not there; whatever is sent to one of them goes nowhere. */
const ANY_CHILD: Record<string, AnyActorRef> = new Proxy(
  {},
  { get: (_, name) => (typeof name === 'string' ? NOBODY : undefined) },
)

/** What the chart makes of an event. */
interface Charted {
  readonly value: StateValueData
  readonly context: unknown
  /** Of the delays that it sets: ms by the id of each. */
  readonly delays: Readonly<Record<string, number>>
  readonly fault: string | null
}

function chartedAfter(
  { machine, value, context }: Replica,
  { event, changed }: EntryOf<'transition'>,
  standIns: StandIns,
): Charted {
  try {
    const revived = revive(context, standIns)
    const drawn = withDraw(revived, withChanges(context, changed))
    const resolved = machine.resolveState({ value: value as never, context: drawn as never })
    const before = Object.assign(resolved, { children: ANY_CHILD })
    const [snapshot, actions] = transition(machine, before, revive(event, standIns) as never)
    const after = snapshot as AnyMachineSnapshot
    return {
      value: after.value as StateValueData,
      context: drawn === revived ? after.context : { ...after.context, random: valueAt(revived, ['random']) },
      delays: delaysOf(actions),
      fault: null,
    }
  } catch (error) {
    return { value, context, delays: {}, fault: error instanceof Error ? error.message : String(error) }
  }
}

/** Jitter comes from outside of the chart. The draw that was recorded is given to it again. */
function withDraw(context: unknown, after: unknown): unknown {
  const draw = valueAt(after, ['jitterDraw'])
  return typeof draw === 'number' ? { ...(context as object), random: () => draw } : context
}

function delaysOf(actions: readonly { readonly type: string; readonly params?: unknown }[]) {
  const delays: Record<string, number> = {}
  for (const { type, params } of actions) {
    const { id, delay } = (params ?? {}) as { readonly id?: unknown; readonly delay?: unknown }
    if (type === 'xstate.raise' && typeof delay === 'number') delays[eventName(id)] = delay
  }
  return delays
}

function problemOf(
  { value, context }: Replica,
  { from, to, changed }: EntryOf<'transition'>,
  { value: charted, fault }: Charted,
): string | null {
  if (!isDeepStrictEqual(value, from))
    return `it starts in ${show(from)}, but the transition before ended in ${show(value)}`
  const torn = changed.find(({ path, before }) => !isDeepStrictEqual(valueAt(context, path), before))
  if (torn !== undefined)
    return `it changes ${torn.path.join('.')} from ${show(torn.before)}, but that was ${show(valueAt(context, torn.path))}`
  if (fault !== null) return `the chart cannot do it: ${fault}`
  return isDeepStrictEqual(charted, to)
    ? null
    : `it leads to ${show(to)}, but the chart leads to ${show(charted)}`
}

/**
 * How what the recording says of the context differs from what the chart computes, however one reads what is not
 * shown. What a chart makes of contents is not known.
 */
function contextProblem(
  replica: Replica,
  entry: EntryOf<'transition'>,
  charted: Charted,
  other: Charted,
): string | null {
  const { context } = replica
  const { changed, event } = entry
  const after = withChanges(context, changed)
  if (changed.length >= MAX_CHANGES || !isWhole(event) || !isWhole(after) || hasContent(event)) return null
  const found = firstDifference(after, charted.context, other.context)
  if (found === null) return null
  const readings = textAssignments([context, event])
  const agrees = readings?.some((texts) => {
    const one = chartedAfter(replica, entry, { ...STAND_INS, texts })
    const another = chartedAfter(replica, entry, { ...OTHER_STAND_INS, texts })
    return (
      one.fault === null &&
      isDeepStrictEqual(one.value, entry.to) &&
      firstDifference(after, one.context, another.context) === null
    )
  })
  if (readings === null || agrees === true) return null
  const name = found.path.join('.')
  return `it leaves ${name} at ${show(found.recorded)}, but the chart makes it ${show(found.charted)}`
}

/** What a peer said goes through a chart as it is: none decides by it, so that its headers hide nothing. */
const PASSED_ON = 'said'

function hasContent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (
    '$content' in value ||
    Object.entries(value).some(([name, inner]) => name !== PASSED_ON && hasContent(inner))
  )
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'absent'
  } catch {
    return 'an object'
  }
}

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
import type { EntryOf, RecordingEntry, StateValueData } from './format.ts'
import { parseRecording } from './parse.ts'
import { revive } from './revive.ts'

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
  /** How they differ, in words; null where they agree. */
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
  const charted = chartedAfter(replica, entry)
  const problem = problemOf(replica, entry, charted)
  return { entry: number, at, actor, event: event.type, from, to, charted: charted.value, problem }
}

const NOBODY: AnyActorRef = createEmptyActor()

/** The children of a recorded actor are not there; whatever is sent to one of them goes nowhere. */
const ANY_CHILD: Record<string, AnyActorRef> = new Proxy(
  {},
  { get: (_, name) => (typeof name === 'string' ? NOBODY : undefined) },
)

interface Charted {
  readonly value: StateValueData
  readonly fault: string | null
}

function chartedAfter({ machine, value, context }: Replica, { event }: EntryOf<'transition'>): Charted {
  try {
    const resolved = machine.resolveState({ value: value as never, context: revive(context) as never })
    const before = Object.assign(resolved, { children: ANY_CHILD })
    const [after] = transition(machine, before, revive(event) as never)
    return { value: (after as AnyMachineSnapshot).value as StateValueData, fault: null }
  } catch (error) {
    return { value, fault: error instanceof Error ? error.message : String(error) }
  }
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

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'absent'
}

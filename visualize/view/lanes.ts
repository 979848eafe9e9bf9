import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'

/** One response on a connection: from its create to its last event. */
export interface TurnBar {
  readonly actor: string
  readonly start: number
  /** The first event that came back; null while there is none. */
  readonly firstAt: number | null
  /** Null while it runs. */
  readonly end: number | null
  readonly outcome: 'running' | 'completed' | 'failed' | 'lost'
}

/** One run of frames. */
export interface FrameTick {
  readonly at: number
  readonly spanMs: number
  readonly direction: 'in' | 'out'
  readonly label: string
  readonly bytes: number
  readonly count: number
}

/** One connection over time. */
export interface Lane {
  readonly actor: string
  readonly bars: readonly TurnBar[]
  readonly ticks: readonly FrameTick[]
}

const ENDS: Readonly<Record<string, TurnBar['outcome']>> = {
  'response.completed': 'completed',
  'response.incomplete': 'completed',
  'response.failed': 'failed',
  error: 'failed',
}

/** Turns and frames of each connection, read from the types of its frames. */
export function lanesOf(entries: readonly RecordingEntry[]): Lane[] {
  const lanes = new Map<string, { bars: TurnBar[]; ticks: FrameTick[]; running: TurnBar[] }>()
  for (const entry of entries) {
    if (entry.kind === 'frame') playFrame(laneAt(lanes, entry.actor), entry)
    else if (entry.kind === 'actor' && (entry.change === 'stopped' || entry.change === 'failed')) {
      // A socket that ends takes the turns on it along.
      const lane = lanes.get(entry.actor.replace(/\/[^/]*$/, ''))
      if (lane !== undefined) settleAll(lane, entry.at)
    }
  }
  return [...lanes].map(([actor, { bars, running, ticks }]) => ({
    actor,
    ticks,
    bars: [...bars, ...running],
  }))
}

type Open = { bars: TurnBar[]; ticks: FrameTick[]; running: TurnBar[] }

function laneAt(lanes: Map<string, Open>, actor: string): Open {
  const known = lanes.get(actor)
  if (known !== undefined) return known
  const lane: Open = { bars: [], ticks: [], running: [] }
  lanes.set(actor, lane)
  return lane
}

function playFrame(
  lane: Open,
  { at, spanMs, direction, frame, type, bytes, count, actor }: EntryOf<'frame'>,
): void {
  const label = frame === 'message' ? (type ?? 'unknown type') : frame
  lane.ticks.push({ at, spanMs, direction, label, bytes, count })
  if (direction === 'out') {
    if (type === 'response.create')
      lane.running.push({ actor, start: at, firstAt: null, end: null, outcome: 'running' })
    return
  }
  if (frame !== 'message') return
  // Frames do not say whose they are: the turn that waits longest is taken to be the one that is answered.
  const waiting = lane.running.findIndex(({ firstAt }) => firstAt === null)
  const oldest = lane.running[waiting]
  if (oldest !== undefined) lane.running[waiting] = { ...oldest, firstAt: at }
  const outcome = type === null ? undefined : ENDS[type]
  const ended = outcome === undefined ? undefined : lane.running.shift()
  if (outcome !== undefined && ended !== undefined) lane.bars.push({ ...ended, end: at, outcome })
}

function settleAll(lane: Open, at: number): void {
  for (const turn of lane.running) lane.bars.push({ ...turn, end: at, outcome: 'lost' })
  lane.running = []
}

import type { AnyStateMachine, InspectionEvent } from 'xstate'
import { type Move, Witness } from './witness.ts'

/** A chart that runs, to which steps can be done. */
export interface Explorable<Step> {
  /** Does one step, and comes to rest. */
  take(step: Step): Promise<void>
  /** Whether a step can be done here, so that others need not be tried. Default: each can. */
  applies?(step: Step): boolean
  /** What tells this place from another: the state, and as much of the context as guards read. Without times. */
  key(): string
  /** The name of the top-level state. */
  name(): string
  stop(): Promise<void> | void
}

/** What to explore. */
export interface ExploreOptions<Step> {
  /** The chart whose transitions are counted. */
  readonly machine: AnyStateMachine
  /** Starts it anew. `inspect` is for `createActor`. */
  readonly begin: (inspect: (event: InspectionEvent) => void) => Explorable<Step>
  /** Steps that are tried everywhere. */
  readonly steps: readonly Step[]
  /** Places after which it gives up. Default: 5000. */
  readonly limit?: number | undefined
}

/** A place in the chart, and the shortest way there. */
export interface Place<Step> {
  readonly key: string
  readonly name: string
  readonly steps: readonly Step[]
  readonly arcs: Arc<Step>[]
}

/** What one step does in one place. */
export interface Arc<Step> {
  readonly from: Place<Step>
  readonly step: Step
  readonly moves: readonly Move[]
  readonly to: Place<Step>
}

/** All places that steps lead to, breadth first, so that every way is a shortest one. */
export interface Exploration<Step> {
  readonly places: readonly Place<Step>[]
  readonly arcs: readonly Arc<Step>[]
}

const DEFAULT_LIMIT = 5_000

/**
 * Finds every place that the steps lead to. The chart is run from its start for each of them, so that everything in
 * it is as it would be: actors, timers, context.
 *
 * @throws Error when there are more places than the limit: then `key` tells too much apart
 */
export async function explore<Step>(options: ExploreOptions<Step>): Promise<Exploration<Step>> {
  const { machine, begin, steps, limit = DEFAULT_LIMIT } = options
  const places = new Map<string, Place<Step>>()
  const toTry = new Map<Place<Step>, readonly Step[]>()
  const arcs: Arc<Step>[] = []
  const walkTo = (way: readonly Step[]): Promise<Walked<Step>> =>
    walk({ machine, begin, steps: way, candidates: steps })
  const placeAt = ({ key, name, applicable }: Walked<Step>, way: readonly Step[]): Place<Step> => {
    const known = places.get(key)
    if (known !== undefined) return known
    if (places.size >= limit) throw new Error(`More than ${limit} places: "key" tells too much apart.`)
    const place = { key, name, steps: way, arcs: [] }
    places.set(key, place)
    toTry.set(place, applicable)
    return place
  }
  placeAt(await walkTo([]), [])
  // A Map gives what is added while it is walked through.
  for (const place of places.values()) {
    for (const step of toTry.get(place) ?? []) {
      const way = [...place.steps, step]
      const walked = await walkTo(way)
      const { moves } = walked
      if (moves.length === 0 && walked.key === place.key) continue
      const arc = { from: place, step, moves, to: placeAt(walked, way) }
      place.arcs.push(arc)
      arcs.push(arc)
    }
  }
  return { places: [...places.values()], arcs }
}

/** Where a list of steps leads, what the last of them did (without steps: the start), and what can be done there. */
interface Walked<Step> {
  readonly key: string
  readonly name: string
  readonly moves: readonly Move[]
  readonly applicable: readonly Step[]
}

async function walk<Step>(options: {
  readonly machine: AnyStateMachine
  readonly begin: ExploreOptions<Step>['begin']
  readonly steps: readonly Step[]
  readonly candidates: readonly Step[]
}): Promise<Walked<Step>> {
  const { machine, begin, steps, candidates } = options
  const witness = new Witness(machine)
  const run = begin(witness.inspect)
  for (const step of steps) {
    witness.forget()
    await run.take(step)
  }
  const applicable = candidates.filter((step) => run.applies?.(step) ?? true)
  const end = { key: run.key(), name: run.name(), moves: witness.takeMoves(), applicable }
  await run.stop()
  return end
}

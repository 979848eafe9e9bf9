import type { Arc, Exploration, Place } from './explore.ts'
import type { Move } from './witness.ts'

/** Why a path is there. */
export type PathKind = 'edge' | 'guard' | 'delay' | 'pair' | 'names' | 'extra'

/** One generated path: steps from the start, under the options of one profile. */
export interface Path<Step, Options = unknown> {
  readonly kind: PathKind
  /**
   * What it was made for: an edge's id, `not EDGE` for a guard that says no, `left STATE|DELAY` for a delay that does
   * not come, two edges joined by ` > `, or names and edges joined by ` > `.
   */
  readonly goal: string
  readonly profile: string
  readonly options: Options
  readonly steps: readonly Step[]
  /** What it makes the chart do, in order. */
  readonly moves: readonly Move[]
}

/** A way through places: the arcs, one a step. */
export type Way<Step> = readonly Arc<Step>[]

/** The edges that one step takes, in order. */
export function edgesOfArc(arc: Arc<unknown>): string[] {
  return arc.moves.flatMap(({ taken }) => taken)
}

/** Finds shortest ways in an exploration. */
export class Ways<Step> {
  readonly #via = new Map<Place<Step>, Arc<Step>>()

  constructor({ places, arcs }: Exploration<Step>) {
    for (const place of places) {
      const last = place.steps.at(-1)
      const via = arcs.find((arc) => arc.to === place && arc.step === last && isShortest(arc, place))
      if (via !== undefined) this.#via.set(place, via)
    }
  }

  /** The shortest way from the start to a place. */
  to(place: Place<Step>): Arc<Step>[] {
    const way: Arc<Step>[] = []
    for (let arc = this.#via.get(place); arc !== undefined; arc = this.#via.get(arc.from)) way.unshift(arc)
    return way
  }
}

function isShortest<Step>(arc: Arc<Step>, place: Place<Step>): boolean {
  return (
    arc.from.steps.length === place.steps.length - 1 &&
    arc.from.steps.every((step, index) => step === place.steps[index])
  )
}

/** For each thing that a step can show, the shortest way that shows it. */
export function shortestWays<Step>(
  exploration: Exploration<Step>,
  shown: (move: Move) => readonly string[],
): Map<string, Way<Step>> {
  const ways = new Ways(exploration)
  const found = new Map<string, Way<Step>>()
  // Arcs come breadth first, so the first one that shows it is at the end of a shortest way.
  for (const arc of exploration.arcs) {
    for (const goal of arc.moves.flatMap(shown)) {
      if (!found.has(goal)) found.set(goal, [...ways.to(arc.from), arc])
    }
  }
  return found
}

/**
 * For each two edges that can be taken one right after the other, in one step or in two, a short way that does it.
 *
 * @param isWanted whether a way from the start will do: no way on from one that will not is looked at
 */
export function pairWays<Step>(
  exploration: Exploration<Step>,
  isWanted: (way: Way<Step>) => boolean = () => true,
): Map<string, Way<Step>> {
  const ways = new Ways(exploration)
  const found = new Map<string, Way<Step>>()
  const known = new Map<Place<Step>, Way<Step>[]>()
  const onwardFrom = (place: Place<Step>): Way<Step>[] => {
    const on = known.get(place) ?? onward(place)
    known.set(place, on)
    return on
  }
  for (const arc of exploration.arcs) {
    const taken = edgesOfArc(arc)
    const [first] = taken.slice(-1)
    if (first === undefined) continue
    const way = [...ways.to(arc.from), arc]
    if (!isWanted(way)) continue
    for (const pair of pairsOfEdges(taken)) if (!found.has(pair)) found.set(pair, way)
    for (const on of onwardFrom(arc.to)) {
      const pair = `${first} > ${on.flatMap(edgesOfArc)[0]}`
      if (!found.has(pair) && isWanted([...way, ...on])) found.set(pair, [...way, ...on])
    }
  }
  return found
}

/** Ways from a place up to and with the first step that takes an edge. */
function onward<Step>(from: Place<Step>): Arc<Step>[][] {
  const ways: Arc<Step>[][] = []
  const seen = new Set([from])
  const queue: { readonly place: Place<Step>; readonly way: readonly Arc<Step>[] }[] = [
    { place: from, way: [] },
  ]
  for (const { place, way } of queue) {
    for (const arc of place.arcs) {
      if (edgesOfArc(arc).length > 0) ways.push([...way, arc])
      else if (!seen.has(arc.to)) {
        seen.add(arc.to)
        queue.push({ place: arc.to, way: [...way, arc] })
      }
    }
  }
  return ways
}

/** All pairs of edges that a way takes one right after the other. */
export function pairsOf(way: Way<unknown>): string[] {
  return pairsOfEdges(way.flatMap(edgesOfArc))
}

/** The same of edges in the order in which they are taken. */
export function pairsOfEdges(edges: readonly string[]): string[] {
  return edges.slice(1).map((edge, index) => `${edges[index]} > ${edge}`)
}

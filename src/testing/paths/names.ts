import { type Way, edgesOfArc } from './path.ts'
import type { Arc, Exploration, Place } from './explore.ts'

/** One step from a top-level name to another one, by the edge that takes it. */
interface Leap {
  readonly edge: string
  readonly to: string
}

/**
 * Simple paths over the names of the top-level states: every order of different names, by every edge that leads from
 * one to the next. Over whole parallel charts there would be hundreds of thousands.
 */
export function nameWays<Step>(exploration: Exploration<Step>): Map<string, Way<Step>> {
  const leaps = leapsOf(exploration)
  const [start] = exploration.places
  const found = new Map<string, Way<Step>>()
  if (start === undefined) return found
  const visit = (names: readonly string[], taken: readonly Leap[]): void => {
    for (const leap of leaps.get(names.at(-1) ?? '') ?? []) {
      if (names.includes(leap.to)) continue
      const next = [...taken, leap]
      const way = wayAlong(start, next)
      if (way === null) continue
      found.set([start.name, ...next.flatMap(({ edge, to }) => [`(${edge})`, to])].join(' > '), way)
      visit([...names, leap.to], next)
    }
  }
  visit([start.name], [])
  return found
}

function leapsOf<Step>({ arcs }: Exploration<Step>): Map<string, Leap[]> {
  const leaps = new Map<string, Leap[]>()
  for (const arc of arcs) {
    const leap = leapOf(arc)
    if (leap === null) continue
    const known = leaps.get(arc.from.name) ?? []
    if (!known.some(({ edge, to }) => edge === leap.edge && to === leap.to)) known.push(leap)
    leaps.set(arc.from.name, known)
  }
  return leaps
}

function leapOf<Step>(arc: Arc<Step>): Leap | null {
  if (arc.to === null || arc.to.name === arc.from.name) return null
  const edge = edgesOfArc(arc)[0]
  return edge === undefined ? null : { edge, to: arc.to.name }
}

/** The shortest way that makes these leaps, one after the other, and no others. */
function wayAlong<Step>(start: Place<Step>, leaps: readonly Leap[]): Arc<Step>[] | null {
  const seen = new Map<Place<Step>, Set<number>>()
  const queue: { readonly place: Place<Step>; readonly made: number; readonly way: readonly Arc<Step>[] }[] =
    [{ place: start, made: 0, way: [] }]
  for (const { place, made, way } of queue) {
    if (made === leaps.length) return [...way]
    for (const arc of place.arcs) {
      if (arc.to === null) continue
      const leap = leapOf(arc)
      const wanted = leaps[made]
      if (leap !== null && (leap.edge !== wanted?.edge || leap.to !== wanted.to)) continue
      const next = leap === null ? made : made + 1
      const counts = seen.get(arc.to) ?? new Set()
      if (counts.has(next)) continue
      seen.set(arc.to, counts.add(next))
      queue.push({ place: arc.to, made: next, way: [...way, arc] })
    }
  }
  return null
}

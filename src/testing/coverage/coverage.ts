import { type Edge, edgesOf, statesOf } from '../paths/edges.ts'
import type { GeneratedPaths } from '../paths/generate.ts'
import { goalsOf } from '../paths/goals.ts'
import type { Path } from '../paths/path.ts'

/** How far something in a chart is covered: by a path from outside, by one on the bare chart only, or by none. */
export type CoverageStatus = 'outside' | 'chart' | 'none'

/** One thing that paths should cover. */
export interface CoveredItem {
  readonly kind: 'state' | 'transition' | 'guard' | 'delay'
  /** The id of a state or an edge; `EDGE: yes` and `EDGE: no` for a guard, `STATE|DELAY: comes` and `: left`. */
  readonly id: string
  readonly status: CoverageStatus
  /** The shortest path that covers it. */
  readonly path: Path<unknown> | null
  /** Why it cannot be covered from outside; null where it is, or where nobody has said why. */
  readonly reason: string | null
}

/** A chart, and how its paths cover it. */
export interface Coverage {
  readonly chart: string
  readonly items: readonly CoveredItem[]
  /** What no path covers from outside, and no reason explains. Must be empty. */
  readonly gaps: readonly CoveredItem[]
}

/** What every path shows, by the ids of covered items. */
export function coverageOf<Step, Options>(generated: GeneratedPaths<Step, Options>): Coverage {
  const { machine, reasons = {} } = generated.subject
  const best = bestPaths(generated)
  const item = (kind: CoveredItem['kind'], id: string, edges: readonly Edge[]): CoveredItem => {
    const found = best.get(id)
    const status = found === undefined ? 'none' : found.outside ? 'outside' : 'chart'
    // What not even the bare chart can be made to do needs a reason of its own.
    const reason = status === 'outside' ? null : reasonFor(id, status === 'chart' ? edges : [], reasons)
    return { kind, id, status, path: found?.path ?? null, reason }
  }
  const edges = edgesOf(machine)
  const items = [
    ...statesOf(machine).map(({ id }) => item('state', id, [])),
    ...edges.map((edge) => item('transition', edge.id, [edge])),
    ...edges
      .filter(({ guard }) => guard !== null)
      .flatMap((edge) => [
        item('guard', `${edge.id}: yes`, [edge]),
        // Its guard's name explains why it never says yes; that it never says no has a reason of its own.
        item('guard', `${edge.id}: no`, [{ ...edge, guard: `not ${edge.guard}` }]),
      ]),
    ...delaysOf(edges).flatMap(({ id, edge }) => [
      item('delay', `${id}: comes`, [edge]),
      item('delay', `${id}: left`, []),
    ]),
  ]
  return { chart: machine.id, items, gaps: items.filter((one) => one.status !== 'outside' && one.reason === null) }
}

interface Best {
  readonly path: Path<unknown>
  readonly outside: boolean
}

function bestPaths<Step, Options>({ subject, paths }: GeneratedPaths<Step, Options>): Map<string, Best> {
  const goals = goalsOf(subject.machine)
  const best = new Map<string, Best>()
  const [first] = paths
  const note = (id: string, path: Path<unknown>, outside: boolean): void => {
    const known = best.get(id)
    if (known !== undefined && known.outside >= outside) return
    best.set(id, { path, outside })
  }
  if (first !== undefined) {
    // Every path goes through the root; XState shows no step that enters what a chart starts in.
    note(subject.machine.root.id, first, true)
  }
  for (const path of paths.toSorted((a, b) => a.steps.length - b.steps.length)) {
    const outside = subject.isOutside?.(path.steps, path.options) ?? true
    for (const move of path.moves) {
      for (const id of [...move.left, ...move.entered]) note(id, path, outside)
      for (const id of move.taken) note(id, path, outside)
      for (const id of move.taken) note(`${id}: yes`, path, outside)
      for (const goal of goals.guard(move)) note(`${goal.slice('not '.length)}: no`, path, outside)
      for (const goal of goals.delay(move)) note(`${goal.slice('left '.length)}: left`, path, outside)
      for (const id of delaysTaken(move.event)) note(`${id}: comes`, path, outside)
    }
  }
  return best
}

function delaysTaken(event: string): string[] {
  const match = /^xstate\.after\.([^.]+)\.(.+)$/.exec(event)
  return match === null ? [] : [`${match[2]}|${match[1]}`]
}

function delaysOf(edges: readonly Edge[]): { readonly id: string; readonly edge: Edge }[] {
  const found = new Map<string, Edge>()
  for (const edge of edges) {
    if (edge.delay !== null) found.set(`${edge.source}|${edge.delay}`, edge)
  }
  return [...found].map(([id, edge]) => ({ id, edge }))
}

/** Reasons are given for an id, for a state's event, for an event anywhere, for a guard, or as `not` of a guard. */
function reasonFor(id: string, edges: readonly Edge[], reasons: Readonly<Record<string, string>>): string | null {
  const keys = edges.flatMap(({ source, on, guard }) => [`${source}|${on}`, on, guard ?? ''])
  return [id, ...keys].map((key) => reasons[key]).find((reason) => reason !== undefined) ?? null
}

import { type Exploration, explore } from './explore.ts'
import { nameWays } from './names.ts'
import { type Goals, goalsOf } from './goals.ts'
import { type Path, type PathKind, type Way, pairWays, pairsOf, pairsOfEdges, shortestWays } from './path.ts'
import type { PathSubject } from './subject.ts'

/** One profile, and what was found under it. */
export interface ProfileExploration<Step, Options> {
  readonly profile: string
  readonly options: Options
  readonly exploration: Exploration<Step>
}

/** All paths of a chart, and what they were made from. */
export interface GeneratedPaths<Step, Options> {
  readonly subject: PathSubject<Step, Options>
  readonly explorations: readonly ProfileExploration<Step, Options>[]
  readonly paths: readonly Path<Step, Options>[]
}

/**
 * Generates the paths of a chart: the shortest to every edge, to every guard that says no and to every delay that is
 * left before its time, one for every pair of edges, and the simple ones over the names of its top-level states. A
 * path that holds a pair serves for it, so there are fewer paths than pairs.
 */
export async function generatePaths<Step, Options>(
  subject: PathSubject<Step, Options>,
): Promise<GeneratedPaths<Step, Options>> {
  const explorations: ProfileExploration<Step, Options>[] = []
  for (const [profile, options] of Object.entries(subject.profiles)) {
    explorations.push({ profile, options, exploration: await explore(subject.explore(options)) })
  }
  const all = new Collection(subject)
  const goals = goalsOf(subject.machine)
  for (const kind of ['edge', 'guard', 'delay'] as const satisfies (keyof Goals)[]) {
    for (const one of explorations) all.addAll(kind, one, shortestWays(one.exploration, goals[kind]))
  }
  all.addPairs(explorations)
  for (const one of explorations) all.addAll('names', one, nameWays(one.exploration))
  const extras = (subject.extras ?? []).map((extra) => ({
    ...extra,
    kind: 'extra' as const,
    profile: 'extra',
    moves: [],
  }))
  return { subject, explorations, paths: [...all.paths(), ...extras] }
}

class Collection<Step, Options> {
  readonly #subject: PathSubject<Step, Options>
  readonly #byGoal = new Map<string, Path<Step, Options>>()

  constructor(subject: PathSubject<Step, Options>) {
    this.#subject = subject
  }

  paths(): Path<Step, Options>[] {
    return [...this.#byGoal.values()]
  }

  addAll(
    kind: PathKind,
    from: ProfileExploration<Step, Options>,
    ways: ReadonlyMap<string, Way<Step>>,
  ): void {
    for (const [goal, way] of ways) this.#add(kind, from, goal, way)
  }

  /** Those from outside first, so that a pair which they can have is run on the bare chart only for want of one. */
  addPairs(explorations: readonly ProfileExploration<Step, Options>[]): void {
    for (const mustBeOutside of this.#subject.isOutside === undefined ? [false] : [true, false]) {
      const paths = this.paths().filter((path) => !mustBeOutside || this.#isOutside(path))
      const served = new Set(paths.flatMap(({ moves }) => pairsOfEdges(moves.flatMap(({ taken }) => taken))))
      const ways = explorations.flatMap((from) => {
        const isWanted = (way: Way<Step>): boolean =>
          !mustBeOutside || this.#isOutside({ steps: stepsOf(way), options: from.options })
        return [...pairWays(from.exploration, isWanted)].map(([pair, way]) => ({ from, pair, way }))
      })
      // The longest first: it holds pairs for which no path of their own is needed then.
      for (const { from, pair, way } of ways.toSorted((a, b) => b.way.length - a.way.length)) {
        if (served.has(pair)) continue
        this.#add('pair', from, pair, way)
        for (const one of pairsOf(way)) served.add(one)
      }
    }
  }

  #add(
    kind: PathKind,
    { profile, options }: ProfileExploration<Step, Options>,
    goal: string,
    way: Way<Step>,
  ): void {
    const steps = stepsOf(way)
    const known = this.#byGoal.get(goal)
    if (known !== undefined && !this.#isBetter({ steps, options }, known)) return
    this.#byGoal.set(goal, { kind, goal, profile, options, steps, moves: way.flatMap(({ moves }) => moves) })
  }

  /** A path that can be caused from outside serves twice. */
  #isBetter(one: Run<Step, Options>, than: Run<Step, Options>): boolean {
    const [ours, theirs] = [this.#isOutside(one), this.#isOutside(than)]
    return ours === theirs ? one.steps.length < than.steps.length : ours
  }

  #isOutside({ steps, options }: Run<Step, Options>): boolean {
    return this.#subject.isOutside?.(steps, options) ?? true
  }
}

type Run<Step, Options> = Pick<Path<Step, Options>, 'steps' | 'options'>

function stepsOf<Step>(way: Way<Step>): Step[] {
  return way.map(({ step }) => step)
}

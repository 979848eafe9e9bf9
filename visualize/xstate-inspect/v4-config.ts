// Types of XState 5 must not be named here: in this folder `xstate` is version 4.

/** The part of a chart's model that is needed: see `visualize/chart/model.ts`. */
export interface Chart {
  readonly id: string
  readonly states: readonly {
    readonly path: string
    readonly name: string
    readonly parent: string | null
    readonly kind: string
    readonly initial: string | null
  }[]
  readonly transitions: readonly {
    readonly source: string
    readonly on: string
    readonly targets: readonly string[]
    readonly guard: string | null
    readonly actions: readonly string[]
    readonly delay: string | null
    readonly reenter: boolean
  }[]
}

interface V4Transition {
  readonly target?: readonly string[]
  readonly cond?: string
  readonly actions: readonly string[]
  readonly internal: boolean
}

/** A state node of XState 4, as plain data. */
export interface V4Node {
  readonly id?: string
  readonly type?: string
  readonly initial?: string
  readonly on?: Readonly<Record<string, readonly V4Transition[]>>
  readonly after?: Readonly<Record<string, readonly V4Transition[]>>
  readonly states?: Readonly<Record<string, V4Node>>
}

/** A chart as the config of a machine of XState 4. Its guards and actions are names: it is never run. */
export function toV4Config(chart: Chart): V4Node {
  return { ...nodeOf(chart, ''), id: chart.id }
}

function nodeOf(chart: Chart, path: string): V4Node {
  const state = chart.states.find((candidate) => candidate.path === path)
  const inside = chart.states.filter((candidate) => candidate.parent === path)
  const own = chart.transitions.filter(({ source }) => source === path)
  const initial = chart.states.find((candidate) => candidate.path === state?.initial)?.name
  return {
    // Targets go by ids: in version 4, names alone are looked for beside the source only.
    id: idOf(chart, path),
    ...(state?.kind === 'parallel' || state?.kind === 'final' ? { type: state.kind } : {}),
    ...(initial === undefined ? {} : { initial }),
    // Eventless ones stand under a name: version 4 would ask their guards, which are nowhere.
    on: group(
      chart,
      own.filter(({ delay }) => delay === null),
      ({ on }) => (on === '' ? 'always' : on),
    ),
    after: group(
      chart,
      own.filter(({ delay }) => delay !== null),
      ({ delay }) => delay ?? '',
    ),
    ...(inside.length === 0
      ? {}
      : { states: Object.fromEntries(inside.map((child) => [child.name, nodeOf(chart, child.path)])) }),
  }
}

type Transition = Chart['transitions'][number]

function group(chart: Chart, transitions: readonly Transition[], keyOf: (transition: Transition) => string) {
  const groups: Record<string, V4Transition[]> = {}
  for (const transition of transitions)
    (groups[keyOf(transition)] ??= []).push(transitionOf(chart, transition))
  return groups
}

function transitionOf(chart: Chart, { targets, guard, actions, reenter }: Transition): V4Transition {
  return {
    ...(targets.length === 0 ? {} : { target: targets.map((target) => `#${idOf(chart, target)}`) }),
    ...(guard === null ? {} : { cond: guard }),
    actions,
    internal: !reenter,
  }
}

function idOf(chart: Chart, path: string): string {
  return path === '' ? chart.id : `${chart.id}.${path}`
}

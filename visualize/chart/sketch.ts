import { type ChartModel, type ChartState, type ChartTransition, isInside } from './model.ts'
import {
  BOX_WIDTH,
  type EventGroup,
  type Line,
  briefEdgeLines,
  edgeLines,
  eventGroups,
  insideLines,
} from './lines.ts'

/** A state as it will be drawn: a box with a title, some lines of text, and the boxes inside it. */
export interface SketchBox {
  readonly path: string
  readonly title: string
  readonly kind: ChartState['kind']
  /** True for the regions of a parallel state. */
  readonly isRegion: boolean
  readonly lines: readonly Line[]
  readonly inside: readonly SketchBox[]
  /** Path of the box inside that it starts in, or null. */
  readonly initial: string | null
  /** True when transitions of this state lead into itself: they start at a mark inside the box. */
  readonly hasMark: boolean
  /** True when a delay runs in this state: a countdown will need room beside the title. */
  readonly hasDelay: boolean
}

/** An arrow between two boxes: all transitions from one to the other. */
export interface SketchEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  /** The arrow starts, or ends, at the mark inside the outer box instead of at its border. */
  readonly markAt: 'from' | 'to' | null
  readonly lines: readonly Line[]
  /** What the label says, in full: events that share their guards. */
  readonly events: readonly EventGroup[]
  readonly transitions: readonly string[]
}

/** What is to be laid out of one chart. */
export interface Sketch {
  readonly id: string
  readonly root: SketchBox
  readonly edges: readonly SketchEdge[]
}

/** `full` has every event and guard; `brief` what fits on a screen. */
export type Detail = 'full' | 'brief'

export interface SketchOptions {
  readonly detail: Detail
  /** Characters a line, of boxes that are narrower than their text. */
  readonly widths: ReadonlyMap<string, number>
}

/** Decides what of a chart is drawn as an arrow, and what as a line inside a box. */
export function sketchChart(model: ChartModel, options: SketchOptions): Sketch {
  const edges = edgesOf(model, options.detail)
  const marks = new Set(edges.flatMap((edge) => (edge.markAt === null ? [] : [edge[edge.markAt]])))
  const root = model.states.find((state) => state.parent === null)
  if (root === undefined) throw new Error('a chart has a root')
  return { id: model.id, root: boxOf(root, model, marks, options), edges }
}

function boxOf(
  state: ChartState,
  model: ChartModel,
  marks: ReadonlySet<string>,
  options: SketchOptions,
): SketchBox {
  const parent = model.states.find((other) => other.path === state.parent)
  const own = model.transitions.filter((transition) => transition.source === state.path)
  return {
    path: state.path,
    title: state.name,
    kind: state.kind,
    isRegion: parent?.kind === 'parallel',
    lines:
      options.detail === 'full' ? insideLines(state, own, options.widths.get(state.path) ?? BOX_WIDTH) : [],
    inside: model.states
      .filter((other) => other.parent === state.path && state.path !== other.path)
      .map((child) => boxOf(child, model, marks, options)),
    initial: state.initial,
    hasMark: marks.has(state.path),
    hasDelay: own.some(({ delay }) => delay !== null),
  }
}

function edgesOf(model: ChartModel, detail: Detail): SketchEdge[] {
  const groups = new Map<string, { from: string; to: string; transitions: ChartTransition[] }>()
  for (const transition of model.transitions) {
    for (const to of transition.targets) {
      const from = detail === 'full' ? transition.source : raised(transition.source, to)
      const key = `${from}>${to}`
      const group = groups.get(key) ?? { from, to, transitions: [] }
      group.transitions.push(transition)
      groups.set(key, group)
    }
  }
  return [...groups.values()].map(({ from, to, transitions }) => ({
    id: `${from}>${to}`,
    from,
    to,
    markAt: markOf(from, to),
    lines: detail === 'full' ? edgeLines(transitions, model) : briefEdgeLines(transitions, model),
    events: eventGroups(transitions, model).map(({ name, guards }) => ({ name, guards })),
    transitions: transitions.map(({ id }) => id),
  }))
}

/** The state around the source that stands beside the target: arrows from all inside it become one. */
function raised(source: string, target: string): string {
  if (source === target || isInside(source, target) || isInside(target, source)) return source
  const names = source.split('.')
  const others = target.split('.')
  const shared = names.findIndex((name, index) => name !== others[index])
  return names.slice(0, shared + 1).join('.')
}

/** Arrows between a box and one inside it cannot start at its border: layouts draw them across the whole box. */
function markOf(from: string, to: string): SketchEdge['markAt'] {
  if (from === '' || isInside(to, from)) return 'from'
  if (to === '' || isInside(from, to)) return 'to'
  return null
}

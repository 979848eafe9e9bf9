import { type ChartModel, type ChartState, type ChartTransition, isInside } from './model.ts'
import { type Line, edgeLines, insideLines } from './lines.ts'

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
}

/** An arrow between two boxes: all transitions from one to the other. */
export interface SketchEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  /** The arrow starts, or ends, at the mark inside the outer box instead of at its border. */
  readonly markAt: 'from' | 'to' | null
  readonly lines: readonly Line[]
  readonly transitions: readonly string[]
}

/** What is to be laid out of one chart. */
export interface Sketch {
  readonly id: string
  readonly root: SketchBox
  readonly edges: readonly SketchEdge[]
}

/** Decides what of a chart is drawn as an arrow, and what as a line inside a box. */
export function sketchChart(model: ChartModel): Sketch {
  const edges = edgesOf(model)
  const marks = new Set(edges.flatMap((edge) => (edge.markAt === null ? [] : [edge[edge.markAt]])))
  const root = model.states.find((state) => state.parent === null)
  if (root === undefined) throw new Error('a chart has a root')
  return { id: model.id, root: boxOf(root, model, marks), edges }
}

function boxOf(state: ChartState, model: ChartModel, marks: ReadonlySet<string>): SketchBox {
  const parent = model.states.find((other) => other.path === state.parent)
  const own = model.transitions.filter((transition) => transition.source === state.path)
  return {
    path: state.path,
    title: state.name,
    kind: state.kind,
    isRegion: parent?.kind === 'parallel',
    lines: insideLines(state, own),
    inside: model.states
      .filter((other) => other.parent === state.path && state.path !== other.path)
      .map((child) => boxOf(child, model, marks)),
    initial: state.initial,
    hasMark: marks.has(state.path),
  }
}

function edgesOf(model: ChartModel): SketchEdge[] {
  const groups = new Map<string, { from: string; to: string; transitions: ChartTransition[] }>()
  for (const transition of model.transitions) {
    for (const to of transition.targets) {
      const key = `${transition.source}>${to}`
      const group = groups.get(key) ?? { from: transition.source, to, transitions: [] }
      group.transitions.push(transition)
      groups.set(key, group)
    }
  }
  return [...groups.values()].map(({ from, to, transitions }) => ({
    id: `${from}>${to}`,
    from,
    to,
    markAt: markOf(from, to),
    lines: edgeLines(transitions, model),
    transitions: transitions.map(({ id }) => id),
  }))
}

/** Arrows between a box and one inside it cannot start at its border: layouts draw them across the whole box. */
function markOf(from: string, to: string): SketchEdge['markAt'] {
  if (from === '' || isInside(to, from)) return 'from'
  if (to === '' || isInside(from, to)) return 'to'
  return null
}

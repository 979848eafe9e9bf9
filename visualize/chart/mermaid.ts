import type { ChartModel } from './model.ts'
import { type SketchBox, type SketchEdge, sketchChart } from './sketch.ts'

/**
 * A chart as Mermaid's `stateDiagram-v2`. Arrows out of a nested state start at the state around it that stands
 * beside their target: Mermaid cannot draw them across the border of a parallel state.
 */
export function chartToMermaid(model: ChartModel): string {
  const { root, edges } = sketchChart(model, { detail: 'brief', widths: new Map() })
  const lines = ['stateDiagram-v2', ...insideOf(root, edges, '  ')]
  return `${lines.join('\n')}\n`
}

function insideOf(box: SketchBox, edges: readonly SketchEdge[], indent: string): string[] {
  const separator = box.kind === 'parallel' ? [`${indent}--`] : []
  const states = box.inside.flatMap((inner, index) => [
    ...(index === 0 ? [] : separator),
    ...stateLines(inner, edges, indent),
  ])
  const own = edges.filter(({ from, to }) => isBetween(from, to, box))
  return [
    ...states,
    ...(box.initial === null ? [] : [`${indent}[*] --> ${idOf(box.initial)}`]),
    ...own.map((edge) => `${indent}${arrow(edge)}`),
  ]
}

function stateLines(box: SketchBox, edges: readonly SketchEdge[], indent: string): string[] {
  const name = `${indent}state "${box.title}" as ${idOf(box.path)}`
  const inside = insideOf(box, edges, `${indent}  `)
  const end = box.kind === 'final' ? [`${indent}${idOf(box.path)} --> [*]`] : []
  return inside.length === 0 ? [name, ...end] : [`${name} {`, ...inside, `${indent}}`]
}

/** An arrow is written in the innermost box that holds both of its ends. */
function isBetween(from: string, to: string, box: SketchBox): boolean {
  return from !== '' && commonAncestor(from, to) === box.path
}

function commonAncestor(from: string, to: string): string {
  const others = to.split('.').slice(0, -1)
  const names = from.split('.').slice(0, -1)
  const shared = names.findIndex((name, index) => name !== others[index])
  return (shared === -1 ? names : names.slice(0, shared)).join('.')
}

function arrow({ from, to, events }: SketchEdge): string {
  const label = events.map(({ name, guards }) =>
    guards.length === 0 ? name : `${name} [${guards.join(' or ')}]`,
  )
  return `${idOf(from)} --> ${idOf(to)} : ${label.map(plain).join('<br/>')}`
}

/** Mermaid reads `;` and `#` as its own, wherever they stand. */
function plain(text: string): string {
  return text.replaceAll(/[;#]/g, ' ')
}

function idOf(path: string): string {
  return path.replaceAll(/\W/g, '_')
}

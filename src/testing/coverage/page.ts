import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { type Edge, edgesOf } from '../paths/edges.ts'
import type { Coverage, CoveredItem } from './coverage.ts'
import { stepsInShort } from './print.ts'

const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff }
section { border: 1px solid #b6bec8; border-radius: 6px; margin: .5rem 0; padding: .25rem .75rem .5rem }
h1 { font-size: 1.25rem } h2 { font-size: 1rem; margin: .25rem 0 }
li { list-style: none; margin: .1rem 0; padding-left: .5rem; border-left: 4px solid }
ul { padding: 0; margin: .25rem 0 } code { font-size: .85em; color: #57606a }
.outside { border-color: #1a7f37 } .chart { border-color: #bf8700 } .none { border-color: #cf222e }
`

/** A page with the chart's states as nested boxes and its transitions in them, coloured by how they are covered. */
export function coveragePage(machine: AnyStateMachine, coverage: Coverage): string {
  const items = new Map(coverage.items.map((item) => [item.id, item]))
  const edges = edgesOf(machine)
  const title = `Paths of the chart ${escaped(coverage.chart)}`
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>`,
    `<h1>${title}</h1><p>Green: covered from outside. Amber: on the bare chart only. Red: by no path.</p>`,
    stateBox(machine.root, edges, items),
    '</html>',
  ].join('\n')
}

function stateBox(node: AnyStateNode, edges: readonly Edge[], items: ReadonlyMap<string, CoveredItem>): string {
  const own = edges.filter(({ source }) => source === node.id)
  const status = items.get(node.id)?.status ?? 'none'
  const children = Object.values(node.states).map((child) => stateBox(child, edges, items))
  const list = own.length === 0 ? '' : `<ul>${own.map((edge) => edgeLine(edge, items)).join('\n')}</ul>`
  return `<section class="${status}"><h2>${escaped(node.key)}</h2>${list}${children.join('\n')}</section>`
}

function edgeLine(edge: Edge, items: ReadonlyMap<string, CoveredItem>): string {
  const item = items.get(edge.id)
  const what = edge.delay === null ? edge.on || 'always' : `after ${edge.delay}`
  const guard = edge.guard === null ? '' : ` [${edge.guard}]`
  const targets = edge.targets.length === 0 ? '' : ` → ${edge.targets.join(', ')}`
  const path = item?.path ? stepsInShort(item.path) : 'no path'
  const why = item?.reason ? ` (${item.reason})` : ''
  return `<li class="${item?.status ?? 'none'}">${escaped(`${what}${guard}${targets}`)}<br><code>${escaped(path + why)}</code></li>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { type Edge, edgesOf } from '../paths/edges.ts'
import type { Coverage, CoverageStatus, CoveredItem } from './coverage.ts'
import { stepsInShort } from './print.ts'

const WORDS: Readonly<Record<CoverageStatus, string>> = {
  outside: '✓',
  chart: 'chart only',
  none: 'no path',
}

const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff }
section { border: 1px solid #b6bec8; border-radius: 6px; margin: .5rem 0; padding: .25rem .75rem .5rem }
h1 { font-size: 1.25rem } h2 { font-size: 1rem; margin: .25rem 0 }
li { list-style: none; margin: .1rem 0; padding-left: .5rem; border-left: 4px solid }
ul { padding: 0; margin: .25rem 0 } code { font-size: .85em; color: #57606a }
.outside { border-color: #1a7f37 } .chart { border-color: #9a6700 } .none { border-color: #cf222e }
.mark { font: 600 .75rem/1.4 system-ui, sans-serif; margin-left: .4rem; padding: 0 .35rem; border: 1px solid; border-radius: 4px }
.mark.outside { color: #1a7f37 } .mark.chart { color: #9a6700 } .mark.none { color: #fff; background: #cf222e }
`

/**
 * A page with the chart's states as nested boxes and its transitions in them, coloured by how they are covered. Marks
 * say the same in words, of each guard for yes and no, and of each delay whether a path waits for it and one leaves.
 */
export function coveragePage(machine: AnyStateMachine, coverage: Coverage): string {
  const items = new Map(coverage.items.map((item) => [item.id, item]))
  const edges = edgesOf(machine)
  const title = `Paths of the chart ${escaped(coverage.chart)}`
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>`,
    `<h1>${title}</h1><p>Green, ✓: covered from outside. Amber: on the bare chart only. Red: by no path.</p>`,
    stateBox(machine.root, edges, items),
    '</html>',
  ].join('\n')
}

function stateBox(node: AnyStateNode, edges: readonly Edge[], items: ReadonlyMap<string, CoveredItem>): string {
  const own = edges.filter(({ source }) => source === node.id)
  const item = items.get(node.id)
  const children = Object.values(node.states).map((child) => stateBox(child, edges, items))
  const list = own.length === 0 ? '' : `<ul>${own.map((edge) => edgeLine(edge, items)).join('\n')}</ul>`
  const name = `${escaped(node.key)}${statusOf(item) === 'outside' ? '' : mark('', item)}`
  return `<section class="${statusOf(item)}"><h2>${name}</h2>${list}${children.join('\n')}</section>`
}

function edgeLine(edge: Edge, items: ReadonlyMap<string, CoveredItem>): string {
  const item = items.get(edge.id)
  const what = edge.delay === null ? edge.on || 'always' : `after ${edge.delay}`
  const guard = edge.guard === null ? '' : ` [${edge.guard}]`
  const targets = edge.targets.length === 0 ? '' : ` → ${edge.targets.join(', ')}`
  const outcomes = outcomesOf(edge).map(({ word, id }) => ({ word, item: items.get(id) }))
  const marks = [
    ...(statusOf(item) === 'outside' ? [] : [mark('', item)]),
    ...outcomes.map((outcome) => mark(outcome.word, outcome.item)),
  ]
  const notes = [
    (item?.path ? stepsInShort(item.path) : 'no path') + (item?.reason ? ` (${item.reason})` : ''),
    ...outcomes.flatMap((outcome) => {
      const reason = outcome.item?.reason ?? item?.reason
      return reason === item?.reason ? [] : [`${outcome.word}: ${reason}`]
    }),
  ]
  return [
    `<li class="${statusOf(item)}">${escaped(`${what}${guard}${targets}`)}${marks.join('')}`,
    ...notes.map((note) => `<br><code>${escaped(note)}</code>`),
    '</li>',
  ].join('')
}

/** What else of a transition is covered or not: its guard's answers, and the ends of its delay. */
function outcomesOf({ id, source, guard, delay }: Edge): { readonly word: string; readonly id: string }[] {
  return [
    ...(guard === null ? [] : ['yes', 'no'].map((word) => ({ word, id: `${id}: ${word}` }))),
    ...(delay === null ? [] : ['comes', 'left'].map((word) => ({ word, id: `${source}|${delay}: ${word}` }))),
  ]
}

function mark(word: string, item: CoveredItem | undefined): string {
  const status = statusOf(item)
  const path = item?.path ? ` title="${escaped(stepsInShort(item.path))}"` : ''
  const between = word === '' ? '' : status === 'outside' ? ' ' : ': '
  return `<span class="mark ${status}"${path}>${word}${between}${WORDS[status]}</span>`
}

function statusOf(item: CoveredItem | undefined): CoverageStatus {
  return item?.status ?? 'none'
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

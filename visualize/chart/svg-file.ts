import { type SvgNode, drawChart, svg } from './drawing.ts'
import type { ChartLayout } from './layout.ts'
import { CHART_STYLE } from './style.ts'

/** A chart as an SVG file: light or dark as the reader's system is, and nothing fetched from elsewhere. */
export function chartToSvg(layout: ChartLayout): string {
  const { attributes, inside } = drawChart(layout)
  const { width, height, id } = layout
  const title = `${id}: statechart`
  const file = svg('svg', { ...attributes, width, height, role: 'img', 'aria-label': title }, [
    svg('title', {}, [title]),
    svg('style', {}, [CHART_STYLE]),
    svg('rect', { class: 'ground', width, height, rx: 12 }),
    ...inside,
  ])
  return `${svgText(file)}\n`
}

/** SVG as text. */
export function svgText({ tag, attributes, inside }: SvgNode): string {
  // What the live page finds its parts by is of no use in a file.
  const kept = Object.entries(attributes).filter(([name]) => !name.startsWith('data-'))
  const written = kept.map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
  const open = `<${tag}${written.join('')}`
  if (inside.length === 0) return `${open}/>`
  const content = inside.map((part) => (typeof part === 'string' ? escaped(part) : `\n${svgText(part)}`))
  return `${open}>${content.join('')}</${tag}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

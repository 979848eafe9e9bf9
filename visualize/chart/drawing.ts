import { type ChartLayout, type LaidBox, type LaidDot, type LaidEdge, METRICS, type Point } from './layout.ts'
import type { Line } from './lines.ts'

/** One SVG element: made into text for a file, or into a DOM node for a page. */
export interface SvgNode {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly inside: readonly (SvgNode | string)[]
}

const CORNER = 10

/**
 * Draws a laid-out chart. Boxes carry `data-state`, arrows and lines of text `data-transitions` (ids, separated by
 * spaces), so that a page can light them; the looks are left to a style sheet.
 */
export function drawChart(layout: ChartLayout): SvgNode {
  const { width, height } = layout
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'chart', xmlns: 'http://www.w3.org/2000/svg' },
    [
      svg(
        'g',
        { class: 'boxes' },
        layout.boxes.map((box) => drawBox(box)),
      ),
      svg('g', { class: 'root-lines' }, drawLines(layout.lines, METRICS.padding, 20)),
      svg('g', { class: 'edges' }, layout.edges.map(drawArrow)),
      svg('g', { class: 'dots' }, layout.dots.map(drawDot)),
      svg('g', { class: 'labels' }, layout.edges.flatMap(drawLabel)),
    ],
  )
}

export function svg(
  tag: string,
  attributes: SvgNode['attributes'] = {},
  inside: SvgNode['inside'] = [],
): SvgNode {
  return { tag, attributes, inside }
}

function drawBox(box: LaidBox): SvgNode {
  const { x, y, width, height, path, title, kind, isRegion, lines } = box
  const classes = ['state', kind, isRegion ? 'region' : '', depthOf(path)].filter((name) => name !== '')
  const inner =
    kind === 'final' ? [frame({ x: x + 4, y: y + 4, width: width - 8, height: height - 8 }, 'inner')] : []
  const rule =
    kind === 'compound' || kind === 'parallel'
      ? [svg('path', { class: 'rule', d: `M${x} ${y + METRICS.titleHeight}H${x + width}` })]
      : []
  return svg('g', { class: classes.join(' '), 'data-state': path }, [
    frame(box, 'frame'),
    ...inner,
    ...(isRegion ? [] : rule),
    svg('text', { class: 'title', x: x + METRICS.padding, y: y + 21 }, [title]),
    ...drawLines(lines, x + METRICS.padding, y + METRICS.titleHeight + 15),
  ])
}

function frame(
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  name: string,
): SvgNode {
  return svg('rect', { class: name, x, y, width, height, rx: 9 })
}

function depthOf(path: string): string {
  return `depth-${path.split('.').length}`
}

function drawLines(lines: readonly Line[], x: number, y: number): SvgNode[] {
  return lines.map((line, index) =>
    svg(
      'text',
      { class: `line ${line.tone}`, x, y: y + index * METRICS.lineHeight, ...marked(line.transitions) },
      [line.text],
    ),
  )
}

function drawArrow({ points, transitions, id }: LaidEdge): SvgNode {
  const kind = id.startsWith('start:') ? 'edge start' : 'edge'
  return svg('g', { class: kind, ...marked(transitions) }, [
    svg('path', { class: 'wire', d: rounded(points) }),
    svg('path', { class: 'head', d: arrowHead(points) }),
  ])
}

function drawLabel({ label, lines, transitions }: LaidEdge): SvgNode[] {
  if (label === null) return []
  const { x, y, width, height } = label
  return [
    svg('g', { class: 'label', ...marked(transitions) }, [
      svg('rect', { class: 'plate', x, y, width, height, rx: 4 }),
      ...drawLines(lines, x + 5, y + 13),
    ]),
  ]
}

function drawDot({ kind, x, y }: LaidDot): SvgNode {
  if (kind === 'initial') return svg('circle', { class: 'initial', cx: x, cy: y, r: METRICS.dot / 2 })
  return svg('circle', { class: 'mark', cx: x, cy: y, r: METRICS.dot / 2 - 1 })
}

function marked(transitions: readonly string[]): Record<string, string> {
  // Ids hold no space, so a list of them can be searched as the words of an attribute.
  return transitions.length === 0 ? {} : { 'data-transitions': transitions.join(' ') }
}

/** A path through the points with its corners rounded off. */
function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  const parts = [`M${first.x} ${first.y}`]
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? first
    const after = rest[index + 1]
    if (after === undefined) {
      parts.push(`L${point.x} ${point.y}`)
      continue
    }
    const radius = Math.min(CORNER, distance(before, point) / 2, distance(point, after) / 2)
    const enter = towards(point, before, radius)
    const leave = towards(point, after, radius)
    parts.push(`L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`)
  }
  return parts.join('')
}

function arrowHead(points: readonly Point[]): string {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (tip === undefined || before === undefined) return ''
  const back = towards(tip, before, 7)
  const [dx, dy] = [(tip.y - back.y) * 0.5, (back.x - tip.x) * 0.5]
  return `M${tip.x} ${tip.y}L${tidy(back.x + dx)} ${tidy(back.y + dy)}L${tidy(back.x - dx)} ${tidy(back.y - dy)}Z`
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to)
  if (length === 0) return from
  return {
    x: tidy(from.x + ((to.x - from.x) * by) / length),
    y: tidy(from.y + ((to.y - from.y) * by) / length),
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function tidy(value: number): number {
  return Math.round(value * 10) / 10
}

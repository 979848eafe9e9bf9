import { HoldlineError } from '../../src/protocol/errors.ts'
import { type ChartLayout, type LaidBox, type LaidDot, type LaidEdge, METRICS, type Point } from './layout.ts'
import type { ChartModel } from './model.ts'
import { type Detail, type Sketch, type SketchBox, type SketchEdge, sketchChart } from './sketch.ts'

/** The part of an ELK graph that is used here: https://eclipse.dev/elk/documentation/tooldevelopers/graphdatastructure/jsonformat.html */
interface ElkNode {
  id: string
  x?: number
  y?: number
  width?: number
  height?: number
  children?: ElkNode[]
  edges?: ElkEdge[]
  layoutOptions?: Record<string, string>
}

interface ElkEdge {
  id: string
  sources: string[]
  targets: string[]
  labels: { text: string; x?: number; y?: number; width: number; height: number }[]
  sections?: { startPoint: Point; endPoint: Point; bendPoints?: Point[] }[]
}

interface Elk {
  layout(graph: ElkNode): Promise<ElkNode>
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.edgeLabels.inline': 'false',
}

/** Nested boxes inherit no strategy. From the initial dot depth first, a box reads from its first state down. */
const NESTED_OPTIONS = { 'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST' }

/** How often text is wrapped anew to fit the box that came of the layout before. */
const PASSES = 3

/**
 * Lays a chart out with `elkjs`, which must be installed. The same chart always gets the same layout. `brief`
 * leaves out what happens inside a state and shortens labels, so that a chart fits on a screen.
 *
 * @throws {HoldlineError} `ERR_INSPECTOR` when `elkjs` is not installed
 */
export async function layoutChart(model: ChartModel, detail: Detail = 'full'): Promise<ChartLayout> {
  const elk = await loadElk()
  const widths = new Map<string, number>()
  for (let pass = 1; ; pass += 1) {
    const sketch = sketchChart(model, { detail, widths })
    const layout = fromElk(sketch, await elk.layout(toElk(sketch)))
    const tight = layout.boxes.filter(overflows)
    if (tight.length === 0 || pass === PASSES) return layout
    for (const box of tight) widths.set(box.path, Math.max(12, charsIn(box)))
  }
}

/** Layouts do not widen a box for its own text when it holds others. */
function overflows(box: LaidBox): boolean {
  return box.lines.some((line) => line.text.length > charsIn(box))
}

function charsIn(box: LaidBox): number {
  return Math.floor((box.width - 1.5 * METRICS.padding) / METRICS.charWidth)
}

async function loadElk(): Promise<Elk> {
  try {
    const { default: loaded } = (await import('elkjs')) as unknown as {
      default: (new () => Elk) & { default?: new () => Elk }
    }
    return new (loaded.default ?? loaded)()
  } catch (error) {
    throw new HoldlineError(
      'ERR_INSPECTOR',
      'The package "elkjs", which lays charts out, could not be loaded. The chart was not laid out. ' +
        'Install it beside Holdline: npm install --save-dev elkjs.',
      { cause: error },
    )
  }
}

function toElk(sketch: Sketch): ElkNode {
  const edges = sketch.edges.map((edge): ElkEdge => ({
    id: `edge:${edge.id}`,
    sources: [edge.markAt === 'from' ? markId(edge.from) : boxId(edge.from)],
    targets: [edge.markAt === 'to' ? markId(edge.to) : boxId(edge.to)],
    labels: edge.lines.length === 0 ? [] : [{ text: 'label', ...labelSize(edge) }],
  }))
  const starts = [...withInside(sketch.root)].flatMap((box) =>
    box.initial === null ? [] : [startEdge(box.path, box.initial)],
  )
  return {
    id: boxId(''),
    layoutOptions: { ...OPTIONS, 'elk.padding': paddingOf(sketch.root) },
    children: childrenOf(sketch.root),
    edges: [...starts, ...edges],
  }
}

function childrenOf(box: SketchBox): ElkNode[] {
  const dot = { width: METRICS.dot, height: METRICS.dot }
  return [
    ...(box.initial === null ? [] : [{ id: startId(box.path), ...dot }]),
    ...(box.hasMark ? [{ id: markId(box.path), ...dot }] : []),
    ...box.inside.map(nodeOf),
  ]
}

function nodeOf(box: SketchBox): ElkNode {
  const { width, height } = ownSize(box)
  const children = childrenOf(box)
  if (children.length === 0) return { id: boxId(box.path), width, height }
  return {
    id: boxId(box.path),
    children,
    layoutOptions: {
      ...NESTED_OPTIONS,
      'elk.padding': paddingOf(box),
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, ${height})`,
    },
  }
}

/** The size of the box's own text. */
function ownSize({ title, lines, hasDelay }: SketchBox): { width: number; height: number } {
  const titleWidth = title.length * METRICS.titleCharWidth + (hasDelay ? METRICS.countdownWidth : 0)
  const text = Math.max(0, ...lines.map((line) => line.text.length)) * METRICS.charWidth
  return {
    width: Math.ceil(Math.max(96, titleWidth, text) + 2 * METRICS.padding),
    height: METRICS.titleHeight + (lines.length === 0 ? 4 : lines.length * METRICS.lineHeight + 10),
  }
}

function paddingOf(box: SketchBox): string {
  const lines = box.lines.length === 0 ? 0 : box.lines.length * METRICS.lineHeight + 6
  const top = (box.path === '' ? 16 : METRICS.titleHeight + 8) + lines
  return `[top=${top},left=18,bottom=18,right=18]`
}

function labelSize({ lines }: SketchEdge): { width: number; height: number } {
  const longest = Math.max(...lines.map((line) => line.text.length))
  return { width: Math.ceil(longest * METRICS.charWidth) + 10, height: lines.length * METRICS.lineHeight + 4 }
}

function startEdge(path: string, initial: string): ElkEdge {
  return { id: `start:${path}`, sources: [startId(path)], targets: [boxId(initial)], labels: [] }
}

function fromElk(sketch: Sketch, graph: ElkNode): ChartLayout {
  const nodes = new Map([...withNodes(graph)].map((node) => [node.id, node]))
  const laid = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]))
  const boxes = [...withInside(sketch.root)]
  return {
    id: sketch.id,
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    boxes: boxes.filter((box) => box.path !== '').map((box) => laidBox(box, nodes.get(boxId(box.path)))),
    dots: boxes.flatMap((box) => [
      ...laidDot('initial', box.path, nodes.get(startId(box.path))),
      ...laidDot('mark', box.path, nodes.get(markId(box.path))),
    ]),
    edges: [
      ...boxes.flatMap((box) =>
        box.initial === null ? [] : [laidStart(box.path, box.initial, laid.get(`start:${box.path}`))],
      ),
      ...sketch.edges.map((edge) => laidEdge(edge, laid.get(`edge:${edge.id}`))),
    ],
    lines: sketch.root.lines,
  }
}

function laidBox(box: SketchBox, node: ElkNode | undefined): LaidBox {
  const { path, title, kind, isRegion, lines } = box
  const { x, y, width, height } = rectOf(node)
  return { path, title, kind, isRegion, lines, x, y, width, height }
}

function laidDot(kind: LaidDot['kind'], path: string, node: ElkNode | undefined): LaidDot[] {
  if (node === undefined) return []
  const { x, y, width, height } = rectOf(node)
  return [{ kind, path, x: x + width / 2, y: y + height / 2 }]
}

function laidStart(path: string, initial: string, edge: ElkEdge | undefined): LaidEdge {
  return {
    id: `start:${path}`,
    from: path,
    to: initial,
    points: pointsOf(edge),
    lines: [],
    label: null,
    transitions: [],
  }
}

function laidEdge({ id, from, to, lines, transitions }: SketchEdge, edge: ElkEdge | undefined): LaidEdge {
  const label = edge?.labels[0]
  return {
    id,
    from,
    to,
    points: pointsOf(edge),
    lines,
    label: label === undefined ? null : rectOf(label),
    transitions,
  }
}

function pointsOf(edge: ElkEdge | undefined): Point[] {
  return (edge?.sections ?? [])
    .flatMap(({ startPoint, bendPoints, endPoint }) => [startPoint, ...(bendPoints ?? []), endPoint])
    .map(({ x, y }) => ({ x: round(x), y: round(y) }))
}

function rectOf(shape: { x?: number; y?: number; width?: number; height?: number } | undefined) {
  const { x = 0, y = 0, width = 0, height = 0 } = shape ?? {}
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}

/** Half pixels are enough, and keep the printed files from changing with the last digit of a float. */
function round(value: number): number {
  return Math.round(value * 2) / 2
}

function* withInside(box: SketchBox): Generator<SketchBox> {
  yield box
  for (const inner of box.inside) yield* withInside(inner)
}

function* withNodes(node: ElkNode): Generator<ElkNode> {
  yield node
  for (const child of node.children ?? []) yield* withNodes(child)
}

function boxId(path: string): string {
  return `box:${path}`
}

function startId(path: string): string {
  return `dot:${path}`
}

function markId(path: string): string {
  return `mark:${path}`
}

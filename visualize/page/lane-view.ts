import { type Lane, type TurnBar, lanesOf } from '../view/lanes.ts'
import { bytes, clockTime, duration } from '../view/words.ts'
import { h, svgElement } from './dom.ts'
import type { PageModel } from './model.ts'

const ROW = 30
const HEAD = 26
const TICKS = 26
const LEFT = 14
const RIGHT = 20
/** Ticks closer than this to the one before add nothing to the picture. */
const NEAR = 1.2
const SPANS = [10_000, 60_000, 600_000, Infinity]

/** Turns as bars over time, with their frames as ticks below: a stall is a gap. */
export class LaneView {
  readonly element: HTMLElement
  readonly #picture = h('div', {
    class: 'lanes-picture',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Turns and frames over time',
  })
  readonly #span = h(
    'select',
    { 'aria-label': 'Time shown' },
    ...SPANS.map((span) =>
      h(
        'option',
        { value: span, selected: span === 60_000 },
        span === Infinity ? 'all' : `last ${duration(span)}`,
      ),
    ),
  )
  #key = ''

  constructor() {
    this.element = h(
      'div',
      { class: 'lane-view', hidden: true },
      h('div', { class: 'controls' }, h('label', {}, 'Show ', this.#span), legend()),
      this.#picture,
    )
  }

  show(model: PageModel): void {
    if (this.element.hidden) return
    const key = `${model.history.next} ${Math.round(model.at / 100)} ${this.#span.value} ${this.#picture.clientWidth}`
    if (key === this.#key) return
    this.#key = key
    const span = Number(this.#span.value)
    const from = Math.max(model.history.startAt, span === Infinity ? model.history.startAt : model.at - span)
    const until = Math.max(model.at, from + 1000)
    const count = model.history.numberAt(until) - model.history.first
    const lanes = lanesOf(model.history.entries.slice(0, count))
    this.#picture.replaceChildren(
      ...(lanes.length === 0
        ? [
            h(
              'p',
              { class: 'empty' },
              'No frames were recorded yet. Connections of Holdline report theirs; other machines have none.',
            ),
          ]
        : lanes.map((lane) => this.#lane(lane, from, until))),
    )
  }

  #lane(lane: Lane, from: number, until: number): HTMLElement {
    const width = Math.max(320, this.#picture.clientWidth - 8)
    const x = (at: number): number => LEFT + ((at - from) / (until - from)) * (width - LEFT - RIGHT)
    const bars = lane.bars.filter(({ end }) => (end ?? until) >= from)
    const rows = rowsOf(bars)
    const depth = Math.max(1, rows.length) * ROW
    const height = HEAD + depth + TICKS + 8
    const shapes = [
      ...scale(from, until).flatMap((at) => [
        line('grid', x(at), HEAD - 6, x(at), height - 4),
        text('scale', x(at), 14, clockTime(at)),
      ]),
      ...rows.flatMap((row, index) => row.flatMap((bar) => drawBar(bar, x, HEAD + index * ROW, until))),
      ...drawTicks(lane, x, HEAD + depth + 4, from),
    ]
    return h(
      'figure',
      { class: 'lane' },
      h(
        'figcaption',
        {},
        lane.actor,
        h('span', { class: 'small' }, ` ${bars.length} turns, ${total(lane)} frames`),
      ),
      svgElement({
        tag: 'svg',
        attributes: {
          width,
          height,
          viewBox: `0 0 ${width} ${height}`,
          class: 'lane-svg',
          role: 'img',
          'aria-label': `${lane.actor}: ${bars.map(barWords).join('; ') || 'no turns'}`,
        },
        inside: shapes,
      }) as unknown as Node,
    )
  }
}

type Shape = Parameters<typeof svgElement>[0]

function drawBar(bar: TurnBar, x: (at: number) => number, y: number, until: number): Shape[] {
  const start = Math.max(LEFT, x(bar.start))
  const end = Math.max(start + 3, x(bar.end ?? until))
  const first = bar.firstAt === null ? null : Math.max(LEFT, x(bar.firstAt))
  const words =
    bar.firstAt === null
      ? duration((bar.end ?? until) - bar.start)
      : `first event ${duration(bar.firstAt - bar.start)}`
  return [
    {
      tag: 'g',
      attributes: { class: `turn ${bar.outcome}` },
      inside: [
        { tag: 'title', attributes: {}, inside: [barWords(bar)] },
        {
          tag: 'rect',
          attributes: { class: 'bar', x: start, y: y + 3, width: end - start, height: ROW - 10, rx: 4 },
          inside: [],
        },
        ...(first === null
          ? []
          : [
              {
                tag: 'rect',
                attributes: {
                  class: 'wait',
                  x: start,
                  y: y + 3,
                  width: Math.max(1, first - start),
                  height: ROW - 10,
                  rx: 4,
                },
                inside: [],
              },
            ]),
        ...(end - start > words.length * 6.2 + 12 ? [text('turn-text', start + 7, y + 17, words)] : []),
      ],
    },
  ]
}

function drawTicks({ ticks }: Lane, x: (at: number) => number, y: number, from: number): Shape[] {
  const shapes: Shape[] = []
  let last = -Infinity
  for (const tick of ticks) {
    if (tick.at + tick.spanMs < from) continue
    const left = Math.max(LEFT, x(tick.at))
    const width = Math.max(1.4, x(tick.at + tick.spanMs) - left)
    if (left - last < NEAR && tick.direction === 'in') continue
    last = left + width
    const height = Math.min(TICKS - 6, 5 + Math.log2(1 + tick.bytes) * 0.9)
    const top = tick.direction === 'in' ? y + TICKS - 6 - height : y
    shapes.push({
      tag: 'rect',
      attributes: { class: `tick ${tick.direction}`, x: left, y: top, width, height },
      inside: [
        {
          tag: 'title',
          attributes: {},
          inside: [
            `${clockTime(tick.at)} ${tick.direction} ${tick.label}, ${tick.count} frames, ${bytes(tick.bytes)}`,
          ],
        },
      ],
    })
  }
  return shapes
}

/** Turns that run at the same time stand below one another. */
function rowsOf(bars: readonly TurnBar[]): TurnBar[][] {
  const rows: TurnBar[][] = []
  for (const bar of bars.toSorted((a, b) => a.start - b.start)) {
    const free = rows.find((row) => (row.at(-1)?.end ?? Infinity) <= bar.start)
    if (free === undefined) rows.push([bar])
    else free.push(bar)
  }
  return rows
}

/** About six round moments between two times. */
function scale(from: number, until: number): number[] {
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000]
  const step = steps.find((ms) => (until - from) / ms <= 7) ?? 3_600_000
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((until - first) / step) + 1 }, (_, index) => first + index * step)
}

function barWords({ start, firstAt, end, outcome }: TurnBar): string {
  const first = firstAt === null ? 'nothing came back' : `first event after ${duration(firstAt - start)}`
  return `turn at ${clockTime(start)}, ${first}, ${end === null ? 'running' : `${outcome} after ${duration(end - start)}`}`
}

function total({ ticks }: Lane): number {
  return ticks.reduce((sum, { count }) => sum + count, 0)
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): Shape {
  return { tag: 'line', attributes: { class: name, x1, y1, x2, y2 }, inside: [] }
}

function text(name: string, x: number, y: number, words: string): Shape {
  return { tag: 'text', attributes: { class: name, x, y }, inside: [words] }
}

function legendEntry(name: string, words: string): HTMLElement {
  return h('span', { class: 'legend' }, h('i', { class: name, 'aria-hidden': 'true' }), words)
}

function legend(): HTMLElement {
  return h(
    'span',
    { class: 'legends' },
    legendEntry('wait', 'waiting'),
    legendEntry('stream', 'streaming'),
    legendEntry('bad', 'failed or lost'),
    legendEntry('in', 'frames in'),
    legendEntry('out', 'frames out'),
  )
}

import { activePaths, transitionId } from '../chart/model.ts'
import { drawChart } from '../chart/drawing.ts'
import type { ChartLayout } from '../chart/layout.ts'
import { duration, isRefusal } from '../view/words.ts'
import type { ActorView } from '../view/world.ts'
import { button, h, svgElement } from './dom.ts'
import type { KnownChart } from './model.ts'

const MIN_ZOOM = 0.2
const MAX_ZOOM = 2

/** The chart of one actor: active states lit, the last transition traced, running delays as countdowns. */
export class ChartView {
  readonly element: HTMLElement
  readonly #scroller = h('div', {
    class: 'chart-scroller',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Chart',
  })
  readonly #empty = h('p', { class: 'empty' })
  readonly #zoomText = h('output', { class: 'zoom-text' })
  #layout: ChartLayout | null = null
  #drawing: SVGElement | null = null
  #detail: 'full' | 'brief' = 'brief'
  #zoom = 0.7
  #follows = true
  #parts = new Map<string, Element[]>()
  #states = new Map<string, Element>()
  #lit = ''
  #actor: ActorView | null = null

  constructor() {
    const follow = button(
      'Follow',
      'Keep the active state in view',
      () => {
        this.#follows = !this.#follows
        follow.setAttribute('aria-pressed', String(this.#follows))
        this.#centre()
      },
      { pressed: true, named: true },
    )
    const labels = button(
      'All labels',
      'Show every event, guard and action',
      () => {
        this.#detail = this.#detail === 'brief' ? 'full' : 'brief'
        labels.setAttribute('aria-pressed', String(this.#detail === 'full'))
        this.#layout = null
      },
      { pressed: false, named: true },
    )
    this.element = h(
      'div',
      { class: 'chart-view' },
      this.#scroller,
      h(
        'div',
        { class: 'chart-tools', role: 'toolbar', 'aria-label': 'Chart' },
        labels,
        follow,
        button('Fit', 'Show the whole chart', () => this.#fit(), { named: true }),
        button('−', 'Smaller', () => this.#scale(this.#zoom / 1.2)),
        this.#zoomText,
        button('+', 'Larger', () => this.#scale(this.#zoom * 1.2)),
      ),
    )
    this.#scroller.addEventListener('wheel', (event) => this.#wheel(event), { passive: false })
  }

  /** The picture that is shown, and its style sheet's colours as they are now: for a file. */
  get layout(): ChartLayout | null {
    return this.#layout
  }

  show(actor: ActorView | null, chart: KnownChart | null, at: number): void {
    this.#actor = actor
    const layout = chart?.layouts?.[this.#detail] ?? null
    if (layout === null) {
      this.#layout = null
      this.#explain(actor, chart)
      return
    }
    if (layout !== this.#layout) this.#draw(layout)
    this.#light(actor)
    this.tick(at)
  }

  /** Moves the countdowns on. */
  tick(at: number): void {
    for (const text of this.#drawing?.querySelectorAll('text.countdown') ?? []) text.remove()
    for (const { state, setAt, delayMs } of this.#actor?.timers.values() ?? []) {
      const box = state === null ? undefined : this.#states.get(state)
      const frame = box?.querySelector('rect.frame')
      if (box === undefined || frame == null) continue
      const [x, y, width] = ['x', 'y', 'width'].map((name) => Number(frame.getAttribute(name)))
      const left = duration(setAt + delayMs - at)
      const shown = box.querySelectorAll('text.countdown').length
      const place = {
        class: 'countdown',
        x: (x ?? 0) + (width ?? 0) - 12 - shown * 46,
        y: (y ?? 0) + 21,
        'text-anchor': 'end',
      }
      box.append(svgElement({ tag: 'text', attributes: place, inside: [left] }))
    }
  }

  #draw(layout: ChartLayout): void {
    this.#layout = layout
    this.#drawing = svgElement(drawChart(layout))
    this.#drawing.setAttribute('role', 'img')
    this.#drawing.setAttribute('aria-label', `Statechart ${layout.id}`)
    this.#parts = new Map()
    for (const part of this.#drawing.querySelectorAll('[data-transitions]')) {
      for (const id of (part.getAttribute('data-transitions') ?? '').split(' ')) {
        this.#parts.set(id, [...(this.#parts.get(id) ?? []), part])
      }
    }
    this.#states = new Map(
      [...this.#drawing.querySelectorAll('[data-state]')].map((box) => [
        box.getAttribute('data-state') ?? '',
        box,
      ]),
    )
    this.#lit = ''
    this.#scroller.replaceChildren(this.#drawing)
    this.#scale(this.#zoom)
  }

  #light(actor: ActorView | null): void {
    const last = actor?.last ?? null
    const key = `${actor?.path} ${JSON.stringify(actor?.state)} ${actor?.status} ${last?.at} ${last?.event.type}`
    if (key === this.#lit || this.#drawing === null) return
    this.#lit = key
    for (const part of this.#drawing.querySelectorAll('.active, .traced, .refused'))
      part.classList.remove('active', 'traced', 'refused')
    const active = actor === null ? new Set<string>() : activePaths(actor.state)
    for (const path of active) this.#states.get(path)?.classList.add('active')
    for (const step of actor?.moved?.taken ?? [])
      this.#mark(transitionId(step.source, step.on, step.index), 'traced')
    for (const step of last?.refused ?? [])
      if (isRefusal(step)) this.#mark(transitionId(step.source, step.on, step.index), 'refused')
    this.#drawing.setAttribute(
      'aria-label',
      `Statechart ${this.#layout?.id ?? ''}, active: ${[...active].filter((path) => path !== '').join(', ') || 'nothing'}`,
    )
    this.#centre()
  }

  #mark(id: string, name: 'traced' | 'refused'): void {
    for (const part of this.#parts.get(id) ?? []) {
      // What leads the same way by another guard was taken: an arrow is not both.
      if (!part.classList.contains('traced')) part.classList.add(name)
      if (part.parentElement !== null && part.closest('.edges') !== null && name === 'traced')
        part.parentElement.append(part)
    }
  }

  #explain(actor: ActorView | null, chart: KnownChart | null): void {
    if (actor === null) this.#empty.textContent = 'Waiting for the first actor.'
    else if (actor.chart === null)
      this.#empty.textContent = 'This actor has no states of its own. Its events are in the log.'
    else if (chart === null)
      this.#empty.textContent =
        'The chart is being laid out. One that is not known here, and not in the recording, cannot be drawn.'
    else {
      const states = chart.model?.states.filter(({ path }) => path !== '').map(({ path }) => path) ?? []
      this.#empty.textContent = `This chart cannot be drawn: the package "elkjs" is not installed where the app runs. Its states: ${states.join(', ')}.`
    }
    this.#drawing = null
    this.#scroller.replaceChildren(this.#empty)
  }

  #scale(zoom: number): void {
    this.#zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))
    this.#zoomText.textContent = `${Math.round(this.#zoom * 100)} %`
    if (this.#drawing === null || this.#layout === null) return
    this.#drawing.setAttribute('width', String(Math.round(this.#layout.width * this.#zoom)))
    this.#drawing.setAttribute('height', String(Math.round(this.#layout.height * this.#zoom)))
    this.#centre()
  }

  #fit(): void {
    if (this.#layout === null) return
    const { clientWidth, clientHeight } = this.#scroller
    this.#scale(Math.min((clientWidth - 24) / this.#layout.width, (clientHeight - 24) / this.#layout.height))
  }

  /** Brings the active states to the middle. */
  #centre(): void {
    if (!this.#follows || this.#drawing === null || this.#layout === null) return
    const top = [...activePaths(this.#actor?.state ?? null)].filter(
      (path) => path !== '' && !path.includes('.'),
    )
    const boxes = this.#layout.boxes.filter(({ path }) => top.includes(path))
    if (boxes.length === 0) return
    const x = Math.min(...boxes.map((box) => box.x)) + Math.max(...boxes.map((box) => box.x + box.width))
    const y = Math.min(...boxes.map((box) => box.y)) + Math.max(...boxes.map((box) => box.y + box.height))
    const { clientWidth, clientHeight } = this.#scroller
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.#scroller.scrollTo({
      left: (x / 2) * this.#zoom + 16 - clientWidth / 2,
      top: (y / 2) * this.#zoom + 16 - clientHeight / 2,
      behavior: calm ? 'auto' : 'smooth',
    })
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    this.#scale(this.#zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1))
  }
}

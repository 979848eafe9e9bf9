import { clockTime } from '../view/words.ts'
import { button, h } from './dom.ts'
import { icon } from './icons.ts'
import type { PageModel } from './model.ts'

const SPEEDS = [0.25, 1, 4, 16, 64]

/** The slider through everything recorded, and what plays it. */
export class Timeline {
  readonly element: HTMLElement
  readonly #model: PageModel
  readonly #slider = h('input', {
    type: 'range',
    min: 0,
    max: 1,
    step: 'any',
    value: 1,
    'aria-label': 'Time',
  })
  readonly #time = h('output', { class: 'mono' })
  readonly #end = h('span', { class: 'mono end' })
  readonly #play: HTMLButtonElement
  readonly #live: HTMLButtonElement
  readonly #speed = h(
    'select',
    { 'aria-label': 'Speed' },
    ...SPEEDS.map((speed) => h('option', { value: speed, selected: speed === 1 }, `${speed}×`)),
  )
  #playing: { frame: number; last: number } | null = null

  constructor(model: PageModel) {
    this.#model = model
    this.#play = button(icon('play'), 'Play', () => this.toggle())
    this.#live = button(
      'Live',
      'Follow what happens now',
      () => {
        this.stop()
        model.follow()
      },
      { named: true },
    )
    this.#live.classList.add('live')
    this.#slider.addEventListener('input', () => {
      this.stop()
      model.seek(Number(this.#slider.value))
    })
    this.element = h(
      'footer',
      { class: 'timeline', 'aria-label': 'Timeline', role: 'group' },
      button(icon('back'), 'One step back', () => this.step(-1)),
      this.#play,
      button(icon('on'), 'One step on', () => this.step(1)),
      this.#speed,
      this.#time,
      this.#slider,
      this.#end,
      this.#live,
    )
  }

  step(by: 1 | -1): void {
    this.stop()
    this.#model.step(by)
  }

  /** Plays from here; at the end from the start; live, it holds the picture still. */
  toggle(): void {
    if (this.#playing !== null) return this.stop()
    const { history, source } = this.#model
    if (this.#model.isFollowing && source === 'live') return this.#model.pause()
    if (this.#model.at >= history.endAt) this.#model.seek(history.startAt)
    this.#playing = { frame: 0, last: performance.now() }
    this.#advance(performance.now())
  }

  stop(): void {
    if (this.#playing !== null) cancelAnimationFrame(this.#playing.frame)
    this.#playing = null
    this.#label()
  }

  show(): void {
    const { history, at, isFollowing } = this.#model
    this.#slider.min = String(history.startAt)
    // Live, time goes on after the last entry.
    const end = isFollowing ? Math.max(at, history.endAt) : history.endAt
    this.#slider.max = String(Math.max(end, history.startAt + 1))
    this.#slider.value = String(at)
    this.#slider.setAttribute('aria-valuetext', clockTime(at))
    this.#time.textContent = clockTime(at)
    this.#end.textContent = clockTime(end)
    this.#label()
  }

  #advance(now: number): void {
    const playing = this.#playing
    if (playing === null) return
    const { history } = this.#model
    const at = this.#model.at + (now - playing.last) * Number(this.#speed.value)
    playing.last = now
    this.#model.seek(at)
    if (at >= history.endAt) return this.stop()
    playing.frame = requestAnimationFrame((next) => this.#advance(next))
  }

  #label(): void {
    const { isFollowing, source } = this.#model
    const holds = this.#playing !== null || (isFollowing && source === 'live')
    this.#play.replaceChildren(icon(holds ? 'pause' : 'play'))
    this.#play.title = this.#playing !== null ? 'Stop' : isFollowing && source === 'live' ? 'Pause' : 'Play'
    this.#play.setAttribute('aria-label', this.#play.title)
    this.#live.hidden = source === 'file'
    this.#live.setAttribute('aria-pressed', String(isFollowing))
  }
}

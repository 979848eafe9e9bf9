import type { ChartModel } from '../chart/model.ts'
import { duration, shortActor, stateWords, topWords } from '../view/words.ts'
import type { ActorView } from '../view/world.ts'
import { h } from './dom.ts'

/** Of the chosen actor: its top-level states with the active one lit, and what it waits for. */
export class StatusBar {
  readonly element: HTMLElement
  readonly #name = h('h1', {})
  readonly #age = h('span', { class: 'since' })
  readonly #rail = h('ol', { class: 'rail', 'aria-label': 'States' })
  readonly #inner = h('p', { class: 'inner-state' })
  readonly #timers = h('ul', { class: 'timers', 'aria-label': 'Waiting for' })
  readonly #announcer = h('p', { class: 'visually-hidden', role: 'status' })
  #actor: ActorView | null = null
  #railKey = ''
  #timerKey = ''
  #said = ''

  constructor() {
    this.element = h(
      'section',
      { class: 'status', 'aria-label': 'Chosen actor' },
      h('div', { class: 'status-head' }, this.#name, this.#age),
      this.#rail,
      h('div', { class: 'status-more' }, this.#inner, this.#timers),
      this.#announcer,
    )
  }

  show(actor: ActorView | null, model: ChartModel | null, at: number): void {
    this.#actor = actor
    this.#name.textContent = actor === null ? 'No actor yet' : shortActor(actor.path)
    this.#name.title = actor?.path ?? ''
    this.#showRail(actor, model)
    this.#showTimers(actor)
    const words = actor === null ? '' : stateWords(actor.state)
    this.#inner.textContent = actor?.chart == null ? '' : words
    const said = actor === null ? '' : `${shortActor(actor.path)}: ${topWords(actor.state) || actor.status}`
    if (said !== this.#said) this.#announcer.textContent = said
    this.#said = said
    this.tick(at)
  }

  tick(at: number): void {
    const actor = this.#actor
    if (actor === null) this.#age.textContent = ''
    else if (actor.status === 'running')
      this.#age.textContent = `in this state for ${duration(at - actor.since)}`
    else this.#age.textContent = `${actor.status} ${duration(at - actor.since)} ago`
    for (const [index, timer] of [...(actor?.timers.values() ?? [])].entries()) {
      const item = this.#timers.children[index]
      if (item === undefined) continue
      const left = Math.max(0, timer.setAt + timer.delayMs - at)
      const bar = item.querySelector<HTMLElement>('.bar')
      if (bar !== null) bar.style.transform = `scaleX(${timer.delayMs > 0 ? left / timer.delayMs : 0})`
      const text = item.querySelector('.left')
      if (text !== null) text.textContent = duration(left)
    }
  }

  #showRail(actor: ActorView | null, model: ChartModel | null): void {
    const key = `${actor?.path} ${model?.id} ${topWords(actor?.state ?? null)}`
    if (key === this.#railKey) return
    this.#railKey = key
    const active = topWords(actor?.state ?? null).split(', ')
    const tops = model?.states.filter(({ parent }) => parent === '') ?? []
    this.#rail.replaceChildren(
      ...tops.map(({ name }) =>
        h(
          'li',
          {
            class: active.includes(name) ? 'active' : '',
            'aria-current': active.includes(name) ? 'step' : null,
          },
          name,
        ),
      ),
    )
  }

  #showTimers(actor: ActorView | null): void {
    const timers = [...(actor?.timers.values() ?? [])]
    const key = timers.map(({ id, setAt }) => `${id} ${setAt}`).join()
    if (key === this.#timerKey) return
    this.#timerKey = key
    this.#timers.replaceChildren(
      ...timers.map(({ delay, id }) =>
        h(
          'li',
          {},
          h('span', { class: 'delay' }, delay ?? id),
          h('span', { class: 'left' }),
          h('span', { class: 'track', 'aria-hidden': 'true' }, h('span', { class: 'bar' })),
        ),
      ),
    )
  }
}

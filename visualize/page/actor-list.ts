import { duration, shortActor, topWords } from '../view/words.ts'
import type { ActorView, World } from '../view/world.ts'
import { h } from './dom.ts'
import { VirtualList } from './virtual-list.ts'

/** All actors as a tree, flattened: what is inside another stands below it, further in. */
export class ActorList {
  readonly element: HTMLElement
  readonly #list: VirtualList<ActorView>
  readonly #count = h('span', { class: 'count' })
  readonly #filter = h('input', {
    type: 'search',
    placeholder: 'Filter by name or state',
    'aria-label': 'Filter actors',
  })
  readonly #gone = h('input', { type: 'checkbox' })
  #at = 0

  constructor(onPick: (actor: string) => void, changed: () => void) {
    this.#list = new VirtualList<ActorView>({
      label: 'Actors',
      rowHeight: 44,
      keyOf: ({ path }) => path,
      onPick: ({ path }) => onPick(path),
      draw: (actor, row) => this.#row(actor, row),
    })
    this.#filter.addEventListener('input', changed)
    this.#gone.addEventListener('change', changed)
    this.element = h(
      'section',
      { class: 'panel actors', 'aria-labelledby': 'actors-title' },
      h('header', {}, h('h2', { id: 'actors-title' }, 'Actors'), this.#count),
      h(
        'div',
        { class: 'controls' },
        this.#filter,
        h('label', { class: 'check' }, this.#gone, 'Show those that are gone'),
      ),
      this.#list.element,
    )
  }

  show(world: World, picked: string | null, at: number): void {
    this.#at = at
    const words = this.#filter.value.toLowerCase()
    const all = [...world.actors.values()].filter(({ status }) => this.#gone.checked || status === 'running')
    const shown = all
      .filter(({ path, state }) => words === '' || `${path} ${topWords(state)}`.toLowerCase().includes(words))
      .toSorted((a, b) => compare(a.path, b.path))
    this.#count.textContent =
      shown.length === all.length ? String(all.length) : `${shown.length} of ${all.length}`
    this.#list.show(shown, picked)
  }

  #row({ path, state, chart, status, since }: ActorView, row: HTMLElement): void {
    const depth = path.split('/').length - 1
    row.style.paddingInlineStart = `${12 + depth * 16}px`
    if (status !== 'running') row.classList.add('gone')
    const text = status === 'running' ? (chart === null ? 'running' : topWords(state)) : status
    row.append(
      h('span', { class: `dot ${status}${chart === null ? ' plain' : ''}`, 'aria-hidden': 'true' }),
      h('span', { class: 'name', title: path }, shortActor(path)),
      h('span', { class: 'state-text' }, text),
      h('span', { class: 'age' }, duration(this.#at - since)),
    )
  }
}

/** A path stands directly before what is inside it. */
function compare(a: string, b: string): number {
  const [x, y] = [a.replaceAll('/', '\u0001'), b.replaceAll('/', '\u0001')]
  return x < y ? -1 : x > y ? 1 : 0
}

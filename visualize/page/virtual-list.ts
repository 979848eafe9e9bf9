import { h } from './dom.ts'

export interface VirtualListOptions<Item> {
  readonly label: string
  readonly rowHeight: number
  /** The content of a row. Called only for rows that can be seen. */
  readonly draw: (item: Item, row: HTMLElement) => void
  readonly keyOf: (item: Item) => string
  readonly onPick: (item: Item) => void
}

/**
 * A list that holds only the rows that can be seen, so that its length does not matter. One tab stop; arrow keys,
 * Page Up and Down, Home and End move the choice.
 */
export class VirtualList<Item> {
  readonly element: HTMLElement
  readonly #options: VirtualListOptions<Item>
  readonly #rows: HTMLElement
  #items: readonly Item[] = []
  #picked: string | null = null
  /** Stays at the end while items come in, until the reader scrolls away. */
  #sticks = false
  readonly #id = `list-${Math.random().toString(36).slice(2, 8)}`

  constructor(options: VirtualListOptions<Item>) {
    this.#options = options
    this.#rows = h('div', { class: 'rows' })
    this.element = h(
      'div',
      {
        class: 'virtual-list',
        role: 'listbox',
        tabindex: 0,
        'aria-label': options.label,
        onscroll: () => this.#scrolled(),
        onkeydown: (event: KeyboardEvent) => this.#key(event),
        onclick: (event: MouseEvent) => this.#click(event),
      },
      this.#rows,
    )
    new ResizeObserver(() => this.#draw()).observe(this.element)
  }

  set sticks(sticks: boolean) {
    this.#sticks = sticks
  }

  show(items: readonly Item[], picked: string | null): void {
    this.#items = items
    this.#picked = picked
    this.#rows.style.height = `${items.length * this.#options.rowHeight}px`
    if (this.#sticks) this.element.scrollTop = this.element.scrollHeight
    this.#draw()
  }

  /** Scrolls until the item can be seen. */
  reveal(key: string): void {
    const index = this.#items.findIndex((item) => this.#options.keyOf(item) === key)
    if (index === -1) return
    const { rowHeight } = this.#options
    const { scrollTop, clientHeight } = this.element
    if (index * rowHeight < scrollTop) this.element.scrollTop = index * rowHeight
    else if ((index + 1) * rowHeight > scrollTop + clientHeight)
      this.element.scrollTop = (index + 1) * rowHeight - clientHeight
  }

  #scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.element
    this.#sticks = scrollTop + clientHeight >= scrollHeight - 4
    this.#draw()
  }

  #draw(): void {
    const { rowHeight, draw, keyOf } = this.#options
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - 4)
    const last = Math.min(this.#items.length, first + Math.ceil(this.element.clientHeight / rowHeight) + 8)
    const rows: HTMLElement[] = []
    let active = ''
    for (let index = first; index < last; index += 1) {
      const item = this.#items[index] as Item
      const isPicked = keyOf(item) === this.#picked
      const row = h('div', {
        class: 'row',
        role: 'option',
        id: `${this.#id}-${index}`,
        'data-index': index,
        'aria-selected': isPicked ? 'true' : 'false',
        'aria-setsize': this.#items.length,
        'aria-posinset': index + 1,
      })
      if (isPicked) active = row.id
      row.style.transform = `translateY(${index * rowHeight}px)`
      row.style.height = `${rowHeight}px`
      draw(item, row)
      rows.push(row)
    }
    this.#rows.replaceChildren(...rows)
    if (active === '') this.element.removeAttribute('aria-activedescendant')
    else this.element.setAttribute('aria-activedescendant', active)
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest('[data-index]')
    const item = row === null ? undefined : this.#items[Number(row.getAttribute('data-index'))]
    if (item !== undefined) this.#options.onPick(item)
  }

  #key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#options.rowHeight) - 1)
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    }
    const move = moves[event.key]
    if (move === undefined || this.#items.length === 0) return
    event.preventDefault()
    const now = this.#items.findIndex((item) => this.#options.keyOf(item) === this.#picked)
    const next = Math.min(this.#items.length - 1, Math.max(0, now === -1 ? 0 : now + move))
    const item = this.#items[next]
    if (item === undefined) return
    this.#options.onPick(item)
    this.reveal(this.#options.keyOf(item))
  }
}

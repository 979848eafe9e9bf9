import type { LogRow } from '../view/log.ts'
import { clockTime, eventWords, isRefusal, moveWords, shortActor } from '../view/words.ts'
import { h } from './dom.ts'
import type { PageModel } from './model.ts'
import { VirtualList } from './virtual-list.ts'

/** What happened, row by row; a row leads to the moment it tells of. */
export class LogList {
  readonly element: HTMLElement
  readonly #list: VirtualList<LogRow>
  readonly #count = h('span', { class: 'count' })
  readonly #search = h('input', {
    type: 'search',
    placeholder: 'Search events, states, guards',
    'aria-label': 'Search the log',
  })
  readonly #only = h('input', { type: 'checkbox' })
  #shown: readonly LogRow[] | null = null
  #length = -1
  #picked: number | null = null

  constructor(model: PageModel) {
    this.#list = new VirtualList<LogRow>({
      label: 'Log of transitions',
      rowHeight: 46,
      keyOf: ({ index }) => String(index),
      onPick: (row) => model.pickRow(row),
      draw: drawRow,
    })
    this.#list.sticks = true
    const search = (): void => model.setSearch(this.#search.value, this.#only.checked)
    this.#search.addEventListener('input', search)
    this.#only.addEventListener('change', search)
    this.element = h(
      'section',
      { class: 'panel log', 'aria-labelledby': 'log-title' },
      h('header', {}, h('h2', { id: 'log-title' }, 'Log'), this.#count),
      h(
        'div',
        { class: 'controls' },
        this.#search,
        h('label', { class: 'check' }, this.#only, 'Only the chosen actor'),
      ),
      this.#list.element,
    )
  }

  focusSearch(): void {
    this.#search.focus()
  }

  show(model: PageModel): void {
    const { rows, rowCount, row, isFollowing } = model
    const picked = row?.index ?? null
    if (rows === this.#shown && rows.length === this.#length && picked === this.#picked) return
    const moved = picked !== this.#picked
    this.#shown = rows
    this.#length = rows.length
    this.#picked = picked
    this.#count.textContent = rows.length === rowCount ? String(rowCount) : `${rows.length} of ${rowCount}`
    if (isFollowing) this.#list.sticks = true
    else if (moved) this.#list.sticks = false
    this.#list.show(rows, picked === null ? null : String(picked))
    if (moved && picked !== null) this.#list.reveal(String(picked))
  }
}

function drawRow({ entry }: LogRow, row: HTMLElement): void {
  const time = h('time', {}, clockTime(entry.at))
  const line = (first: string, actor: string, second: string, badge: Node | null = null): void =>
    row.append(
      time,
      h('span', { class: 'what' }, first),
      h('span', { class: 'who' }, actor),
      h('span', { class: 'move' }, second, badge),
    )
  row.classList.add(entry.kind)
  if (entry.kind === 'mark') return line(entry.label, '', 'mark')
  if (entry.kind === 'dropped')
    return line(`${entry.count} older entries`, '', 'not kept: the buffer was full')
  const actor = shortActor(entry.actor)
  if (entry.kind === 'actor')
    return line(`actor ${entry.change === 'present' ? 'was there' : entry.change}`, actor, entry.actor)
  if (entry.kind === 'event') return line(eventWords(entry.event.type), actor, 'handed to the actor')
  const guard = entry.taken.find((step) => step.guard !== null)?.guard ?? null
  const refused = entry.taken.length === 0 && entry.refused.some(isRefusal)
  if (refused) row.classList.add('was-refused')
  else if (entry.taken.length === 0) row.classList.add('was-idle')
  line(
    eventWords(entry.event.type),
    actor,
    moveWords(entry),
    guard === null ? null : h('span', { class: 'guard' }, `[${guard}]`),
  )
}

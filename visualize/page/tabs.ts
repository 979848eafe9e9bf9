import { h } from './dom.ts'

/** Panels of which one is shown. Arrow keys move between the tabs. */
export class Tabs {
  readonly element: HTMLElement
  readonly #tabs: HTMLButtonElement[]
  readonly #panels: HTMLElement[]
  readonly #changed: () => void

  constructor(panels: Readonly<Record<string, HTMLElement>>, changed: () => void) {
    this.#changed = changed
    this.#panels = Object.values(panels)
    this.#tabs = Object.keys(panels).map((name, index) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${index}`,
          'aria-controls': `panel-${index}`,
          onclick: () => this.#pick(index),
        },
        name,
      ),
    )
    for (const [index, panel] of this.#panels.entries()) {
      panel.setAttribute('role', 'tabpanel')
      panel.id = `panel-${index}`
      panel.setAttribute('aria-labelledby', `tab-${index}`)
    }
    const list = h(
      'div',
      {
        class: 'tabs',
        role: 'tablist',
        'aria-label': 'Views',
        onkeydown: (event: KeyboardEvent) => this.#key(event),
      },
      ...this.#tabs,
    )
    this.element = h('div', { class: 'tabbed' }, list, ...this.#panels)
    this.#pick(0)
  }

  #pick(index: number): void {
    for (const [other, tab] of this.#tabs.entries()) {
      tab.setAttribute('aria-selected', String(other === index))
      tab.tabIndex = other === index ? 0 : -1
      const panel = this.#panels[other]
      if (panel !== undefined) panel.hidden = other !== index
    }
    this.#changed()
  }

  #key(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    const now = this.#tabs.findIndex((tab) => tab.tabIndex === 0)
    const next = (now + by + this.#tabs.length) % this.#tabs.length
    this.#pick(next)
    this.#tabs[next]?.focus()
  }
}

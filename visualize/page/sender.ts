import type { ActorView } from '../view/world.ts'
import { h } from './dom.ts'

/** Sends an event to the chosen actor. Shown only where the inspector was started with `allowSend`. */
export class Sender {
  readonly element: HTMLFormElement
  readonly #field = h('input', {
    class: 'mono',
    'aria-label': 'Event as JSON, or its type',
    placeholder: 'connect, or {"type":"close","code":1000}',
  })
  readonly #problem = h('span', { class: 'problem', role: 'alert' })
  #actor: ActorView | null = null

  constructor(send: (actor: string, event: { type: string }) => void) {
    this.element = h(
      'form',
      { class: 'sender', hidden: true },
      this.#field,
      h('button', { type: 'submit' }, 'Send'),
      this.#problem,
    )
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      const parsed = parseEvent(this.#field.value.trim())
      this.#problem.textContent =
        parsed === null ? 'Not sent: it must be JSON with a type, or a type alone.' : ''
      if (parsed === null || this.#actor === null) return
      send(this.#actor.path, parsed)
      this.#field.value = ''
    })
  }

  show(actor: ActorView | null): void {
    this.#actor = actor
    this.element.hidden = actor === null || actor.chart === null
  }
}

function parseEvent(text: string): { type: string } | null {
  if (/^[\w.-]+$/.test(text)) return { type: text }
  try {
    const value = JSON.parse(text) as { type?: unknown } | null
    return typeof value?.type === 'string' ? { ...value, type: value.type } : null
  } catch {
    return null
  }
}

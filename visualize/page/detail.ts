import type { ContextChange, TransitionStep } from '../../src/recording/format.ts'
import type { LogRow } from '../view/log.ts'
import { clockTime, eventWords, isRefusal, stateWords, valueWords } from '../view/words.ts'
import type { ActorView } from '../view/world.ts'
import { h } from './dom.ts'

/** What is chosen, in full: a row of the log, else the actor's context. */
export class Detail {
  readonly element = h('section', { class: 'panel detail', 'aria-label': 'Details', tabindex: 0 })
  #shown = ''

  show(row: LogRow | null, actor: ActorView | null): void {
    const key = row === null ? `${actor?.path} ${JSON.stringify(actor?.context)}` : `row ${row.index}`
    if (key === this.#shown) return
    this.#shown = key
    this.element.replaceChildren(...(row === null ? actorParts(actor) : rowParts(row, actor)))
    this.element.scrollTop = 0
  }
}

function rowParts({ entry }: LogRow, actor: ActorView | null): Node[] {
  if (entry.kind === 'mark' || entry.kind === 'dropped') return [heading('At', clockTime(entry.at))]
  if (entry.kind === 'actor')
    return [heading(`Actor ${entry.change}`, entry.actor), ...contextParts(entry.context ?? actor?.context)]
  const { type, ...fields } = entry.event
  const parts = [
    heading(eventWords(type), clockTime(entry.at)),
    facts([
      ['actor', entry.actor],
      ['sent by', entry.source ?? 'outside'],
      ...(eventWords(type) === type ? [] : [['event', type] as const]),
      ...flat(fields, ''),
    ]),
  ]
  if (entry.kind === 'event') return parts
  return [
    ...parts,
    facts([
      ['from', stateWords(entry.from)],
      ['to', stateWords(entry.to)],
    ]),
    ...steps('Taken', 'taken', entry.taken),
    ...steps('Refused by guard', 'refused', entry.refused.filter(isRefusal)),
    ...(entry.actions.length === 0
      ? []
      : [h('h3', {}, 'Actions'), h('p', { class: 'mono' }, entry.actions.join(', '))]),
    ...changeParts(entry.changed),
  ]
}

function actorParts(actor: ActorView | null): Node[] {
  if (actor === null) return [h('p', { class: 'empty' }, 'Nothing is chosen.')]
  return [heading('Context', actor.path), ...contextParts(actor.context)]
}

function contextParts(context: unknown): Node[] {
  if (typeof context !== 'object' || context === null) return [h('p', { class: 'empty' }, 'No context.')]
  // What changes stands at the top of a context; what is nested in it are mostly settings.
  const rows = flat(context, '').toSorted(([a], [b]) => a.split('.').length - b.split('.').length)
  return rows.length === 0 ? [h('p', { class: 'empty' }, 'The context is empty.')] : [facts(rows)]
}

/** Nested fields as dotted names. */
function flat(value: object, prefix: string): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const isPlain = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    const isNested = isPlain && !Object.keys(inner).some((key) => key.startsWith('$'))
    return isNested ? flat(inner, path) : [[path, valueWords(inner)] as const]
  })
}

function changeParts(changed: readonly ContextChange[]): Node[] {
  if (changed.length === 0) return []
  const rows = changed.flatMap((change) => [
    h('dt', {}, change.path.join('.')),
    h(
      'dd',
      {},
      h('del', {}, valueWords(change.before)),
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, ' → '),
      h('ins', {}, valueWords(change.after)),
    ),
  ])
  return [h('h3', {}, 'Context, what changed'), h('dl', { class: 'facts changes' }, ...rows)]
}

function steps(title: string, kind: string, list: readonly TransitionStep[]): Node[] {
  if (list.length === 0) return []
  const items = list.map((step) =>
    h(
      'li',
      {},
      `${step.source === '' ? 'any state' : step.source}${step.targets.length === 0 ? '' : ` → ${step.targets.join(', ')}`}`,
      step.guard === null ? null : h('span', { class: 'guard' }, ` [${step.guard}]`),
    ),
  )
  return [h('h3', {}, title), h('ul', { class: `steps ${kind}` }, ...items)]
}

function heading(title: string, small: string): HTMLElement {
  return h('header', {}, h('h2', {}, title), h('span', { class: 'small' }, small))
}

function facts(rows: readonly (readonly [string, string])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  )
}

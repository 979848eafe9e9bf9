import type { AnyStateNode } from 'xstate'

/** An event descriptor in words, and the delay it stands for. */
export function eventLabel(on: string, node: AnyStateNode): { label: string; delay: string | null } {
  if (on === '') return { label: 'always', delay: null }
  const delayed = delayOf(on, node.id)
  if (delayed !== null) return { label: `after ${inWords(delayed)}`, delay: delayed }
  const [kind, id] = on.startsWith('xstate.') ? splitActorEvent(on) : [null, '']
  if (kind === 'done.actor') return { label: `${id} done`, delay: null }
  if (kind === 'error.actor') return { label: `${id} failed`, delay: null }
  if (kind === 'snapshot') return { label: `${id === '*' ? 'a child' : id} changed`, delay: null }
  if (kind === 'done.state') return { label: 'done', delay: null }
  return { label: on, delay: null }
}

/** The name in `xstate.after.NAME.STATE_ID`, or null. */
export function delayOf(type: string, stateId: string): string | null {
  const prefix = 'xstate.after.'
  const suffix = `.${stateId}`
  return type.startsWith(prefix) && type.endsWith(suffix) ? type.slice(prefix.length, -suffix.length) : null
}

function splitActorEvent(on: string): [kind: string | null, id: string] {
  for (const kind of ['done.actor', 'error.actor', 'done.state', 'snapshot']) {
    const prefix = `xstate.${kind}.`
    if (on.startsWith(prefix)) return [kind, on.slice(prefix.length)]
  }
  return [null, '']
}

function inWords(delay: string): string {
  return /^\d+$/.test(delay) ? `${delay} ms` : delay
}

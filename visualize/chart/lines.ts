import type { ChartModel, ChartState, ChartTransition } from './model.ts'

/** One line of text in a chart. `quiet` ones say what is ignored. */
export interface Line {
  readonly text: string
  readonly tone: 'event' | 'guard' | 'quiet'
  /** Transitions that the line is about. */
  readonly transitions: readonly string[]
}

const EDGE_WIDTH = 30
/** Characters a line inside a box, where nothing else limits it. */
export const BOX_WIDTH = 34
const BRIEF_WIDTH = 20

/** Events of one arrow that have the same guards. */
export interface EventGroup {
  /** The events in words, separated by commas. */
  readonly name: string
  readonly guards: readonly string[]
}

/** The events of an arrow, those with the same guards together. */
export function eventGroups(
  transitions: readonly ChartTransition[],
  model: ChartModel,
): (EventGroup & { readonly ids: readonly string[] })[] {
  const byGuards = groupBy(eventsOf(transitions), ({ own }) =>
    own.map((transition) => condition(transition, model)).join('\n'),
  )
  return byGuards.map((events) => {
    const guards = (events[0]?.own ?? []).map((transition) => condition(transition, model))
    return {
      name: [...new Set(events.map(({ label }) => label))].join(', '),
      guards: [...new Set(guards)].filter((guard) => guard !== ''),
      ids: events.flatMap(({ own }) => own.map(({ id }) => id)),
    }
  })
}

/** The label of an arrow: events that share their guards, then the guards. */
export function edgeLines(transitions: readonly ChartTransition[], model: ChartModel): Line[] {
  return eventGroups(transitions, model).flatMap(({ name, guards, ids }) => [
    ...wrapped(name, EDGE_WIDTH, 'event', ids),
    ...(guards.length > 0 ? wrapped(`[${guards.join(' or ')}]`, EDGE_WIDTH, 'guard', ids) : []),
  ])
}

/** The same in as little room as can be: the first event and how many more, then the guards. */
export function briefEdgeLines(transitions: readonly ChartTransition[], model: ChartModel): Line[] {
  const ids = transitions.map(({ id }) => id)
  const labels = [...new Set(transitions.map(({ label }) => label))]
  const guards = [...new Set(transitions.map((transition) => condition(transition, model)))].filter(
    (guard) => guard !== '',
  )
  const [first = '', ...more] = labels
  const [guard, ...others] = guards
  const event: Line = {
    text: more.length === 0 ? first : `${first} +${more.length}`,
    tone: 'event',
    transitions: ids,
  }
  if (guard === undefined) return [event]
  const shown = guard.length > BRIEF_WIDTH ? `${guard.slice(0, BRIEF_WIDTH - 1)}…` : guard
  return [
    event,
    {
      text: others.length === 0 ? `[${shown}]` : `[${shown}] +${others.length}`,
      tone: 'guard',
      transitions: ids,
    },
  ]
}

/** What stands inside a box: actors it runs, and transitions that lead nowhere. */
export function insideLines(state: ChartState, own: readonly ChartTransition[], width: number): Line[] {
  const staying = own.filter(({ targets }) => targets.length === 0)
  const acting = staying.filter(({ actions }) => actions.length > 0)
  const ignoring = staying.filter(isIgnored)
  return [
    ...state.invokes.flatMap((id) => wrapped(`runs ${id}`, width, 'quiet', [])),
    ...acting.flatMap((transition) => actingLines(transition, width)),
    ...groupBy(ignoring, ({ guard }) => guard ?? '').flatMap((group) => ignoredLines(group, width)),
  ]
}

function actingLines(transition: ChartTransition, width: number): Line[] {
  const { label, guard, actions, id } = transition
  const head = guard === null ? label : `${label} [${guard}]`
  return wrapped(`${head} / ${actions.join(', ')}`, width, 'event', [id])
}

function ignoredLines(group: readonly ChartTransition[], width: number): Line[] {
  const guard = group[0]?.guard ?? null
  const events = group.map(({ label }) => label).join(', ')
  const text = guard === null ? `${events}: ignored` : `${events}: ignored if ${guard}`
  return wrapped(
    text,
    width,
    'quiet',
    group.map(({ id }) => id),
  )
}

/** The guard; `else` for the last of several candidates; empty where the event alone decides. */
function condition(transition: ChartTransition, model: ChartModel): string {
  if (transition.guard !== null) return transition.guard
  const { source, on, index } = transition
  const isLast = model.transitions.some(
    (other) => other.source === source && other.on === on && other.index < index && !isIgnored(other),
  )
  return isLast ? 'else' : ''
}

/** The event is consumed, and that is all. */
function isIgnored({ targets, actions }: ChartTransition): boolean {
  return targets.length === 0 && actions.length === 0
}

function eventsOf(transitions: readonly ChartTransition[]): { label: string; own: ChartTransition[] }[] {
  return groupBy(transitions, ({ on }) => on).map((own) => ({ label: own[0]?.label ?? '', own }))
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Value[][] {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return [...groups.values()]
}

function wrapped(text: string, width: number, tone: Line['tone'], transitions: readonly string[]): Line[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((part) => ({ text: part, tone, transitions }))
}

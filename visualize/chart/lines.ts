import type { ChartModel, ChartState, ChartTransition } from './model.ts'

/** One line of text in a chart. `quiet` ones say what is ignored. */
export interface Line {
  readonly text: string
  readonly tone: 'event' | 'guard' | 'quiet'
  /** Transitions that the line is about. */
  readonly transitions: readonly string[]
}

const EDGE_WIDTH = 30
const BOX_WIDTH = 34

/** The label of an arrow: events that share their guards, then the guards. */
export function edgeLines(transitions: readonly ChartTransition[], model: ChartModel): Line[] {
  const byGuards = groupBy(eventsOf(transitions), ({ own }) =>
    own.map((transition) => condition(transition, model)).join('\n'),
  )
  return byGuards.flatMap((events) => {
    const ids = events.flatMap(({ own }) => own.map(({ id }) => id))
    const guards = [...new Set((events[0]?.own ?? []).map((transition) => condition(transition, model)))]
    const shown = guards.filter((guard) => guard !== '')
    return [
      ...wrapped(events.map(({ label }) => label).join(', '), EDGE_WIDTH, 'event', ids),
      ...(shown.length > 0 ? wrapped(`[${shown.join(' or ')}]`, EDGE_WIDTH, 'guard', ids) : []),
    ]
  })
}

/** What stands inside a box: actors it runs, and transitions that lead nowhere. */
export function insideLines(state: ChartState, own: readonly ChartTransition[]): Line[] {
  const staying = own.filter(({ targets }) => targets.length === 0)
  const acting = staying.filter(({ actions }) => actions.length > 0)
  const ignoring = staying.filter(isIgnored)
  return [
    ...state.invokes.flatMap((id) => wrapped(`runs ${id}`, BOX_WIDTH, 'quiet', [])),
    ...acting.flatMap((transition) => actingLines(transition)),
    ...groupBy(ignoring, ({ guard }) => guard ?? '').flatMap((group) => ignoredLines(group)),
  ]
}

function actingLines(transition: ChartTransition): Line[] {
  const { label, guard, actions, id } = transition
  const head = guard === null ? label : `${label} [${guard}]`
  return wrapped(`${head} / ${actions.join(', ')}`, BOX_WIDTH, 'event', [id])
}

function ignoredLines(group: readonly ChartTransition[]): Line[] {
  const guard = group[0]?.guard ?? null
  const events = group.map(({ label }) => label).join(', ')
  const text = guard === null ? `${events}: ignored` : `${events}: ignored if ${guard}`
  return wrapped(
    text,
    BOX_WIDTH,
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

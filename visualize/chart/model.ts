/** One state of a chart. Paths are names from the root down, joined by dots; the root's own path is empty. */
export interface ChartState {
  readonly path: string
  /** The last name of the path; for the root, the chart's id. */
  readonly name: string
  /** Path of the state around it; null for the root. */
  readonly parent: string | null
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** Where a compound state starts: path of one of its states. */
  readonly initial: string | null
  /** Names of its entry and exit actions, without those that arm and clear delays. */
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  /** Actors that live as long as the state. */
  readonly invokes: readonly string[]
}

/** One transition as the chart declares it. */
export interface ChartTransition {
  /** Unique in the chart, and the same for the same chart: source, event and place among its candidates. */
  readonly id: string
  readonly source: string
  /** The event descriptor, as XState has it; empty for an eventless one. */
  readonly on: string
  /** Its place among the candidates of its state for that event, from 0. */
  readonly index: number
  /** The event in words: `socket.lost`, `after backoff`, `socket failed`, `always`. */
  readonly label: string
  /** The delay's name, for a delayed one. */
  readonly delay: string | null
  readonly targets: readonly string[]
  readonly guard: string | null
  readonly actions: readonly string[]
  readonly reenter: boolean
}

/** What can be drawn of a machine: plain data, no code, the same for the same machine. */
export interface ChartModel {
  readonly id: string
  readonly states: readonly ChartState[]
  readonly transitions: readonly ChartTransition[]
}

/** True for a model that can be drawn: what comes out of a file may be anything. */
export function isChartModel(value: unknown): value is ChartModel {
  if (typeof value !== 'object' || value === null) return false
  const { id, states, transitions } = value as Partial<ChartModel>
  if (typeof id !== 'string' || !Array.isArray(states) || !Array.isArray(transitions)) return false
  const paths = new Set(states.map((state: Partial<ChartState> | null) => state?.path))
  const holds = (path: unknown): boolean => typeof path === 'string' && paths.has(path)
  return (
    states.filter((state: Partial<ChartState> | null) => state?.parent === null).length === 1 &&
    states.every(
      (state: Partial<ChartState> | null) =>
        typeof state?.path === 'string' &&
        typeof state.name === 'string' &&
        (state.parent === null || holds(state.parent)) &&
        (state.initial === null || holds(state.initial)) &&
        areTexts(state.invokes),
    ) &&
    transitions.every(
      (transition: Partial<ChartTransition> | null) =>
        typeof transition?.id === 'string' &&
        typeof transition.on === 'string' &&
        typeof transition.label === 'string' &&
        holds(transition.source) &&
        areTexts(transition.actions) &&
        Array.isArray(transition.targets) &&
        transition.targets.every(holds),
    )
  )
}

function areTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((text) => typeof text === 'string')
}

/** The states of a value, innermost ones and all around them, as paths. The root is among them. */
export function activePaths(value: unknown): Set<string> {
  const paths = new Set<string>([''])
  collect(value, '', paths)
  return paths
}

function collect(value: unknown, prefix: string, paths: Set<string>): void {
  if (typeof value === 'string') {
    paths.add(join(prefix, value))
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    const path = join(prefix, name)
    paths.add(path)
    collect(inner, path, paths)
  }
}

/** A path one name longer. */
export function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`
}

/** True when `path` lies inside `ancestor`, at whatever depth; a state does not lie inside itself. */
export function isInside(path: string, ancestor: string): boolean {
  return path !== ancestor && (ancestor === '' || path.startsWith(`${ancestor}.`))
}

/** The id that a transition has in its chart's model. */
export function transitionId(source: string, on: string, index: number): string {
  return `${source}|${on}|${index}`
}

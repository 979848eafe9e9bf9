/** A part of a chart's config, as plain data with functions in it. */
export type Config = Record<string, unknown>

/** A list in a config, and a place in it. */
export interface Place {
  /** As in `open.age.expired on socket.lost 1`. */
  readonly name: string
  readonly index: number
  /** The list, in any copy of the config that `normalised` made. */
  readonly list: (copy: Config) => unknown[]
}

/**
 * A copy of a config in which every short form is written out: each event has a list of transitions, each of those
 * is an object, and actions are lists. Functions and parameters stay the same.
 */
export function normalised(state: Config): Config {
  const copy: Config = { ...state }
  for (const group of ['on', 'after'] as const) {
    const given = state[group] as Config | undefined
    if (given !== undefined) copy[group] = mapped(given, transitions)
  }
  if (state['always'] !== undefined) copy['always'] = transitions(state['always'])
  for (const moment of ['entry', 'exit'] as const) {
    if (state[moment] !== undefined) copy[moment] = listOf(state[moment])
  }
  const states = state['states'] as Config | undefined
  if (states !== undefined) copy['states'] = mapped(states, (child) => normalised(child as Config))
  return copy
}

/** The place of every transition in a normalised config. */
export function transitionPlaces(config: Config): Place[] {
  return stateKeys(config).flatMap((keys) => {
    const state = stateAt(config, keys)
    const groups = ['on', 'after'] as const
    const grouped = groups.flatMap((group) =>
      Object.keys((state[group] as Config | undefined) ?? {}).flatMap((event) =>
        placesOf(`${nameOf(keys)} ${group} ${event}`, config, (copy) =>
          listAt(stateAt(copy, keys)[group], event),
        ),
      ),
    )
    if (state['always'] === undefined) return grouped
    return [
      ...grouped,
      ...placesOf(`${nameOf(keys)} always`, config, (copy) => listAt(stateAt(copy, keys), 'always')),
    ]
  })
}

/** The place of every action in a normalised config: those of transitions, and those of entry and exit. */
export function actionPlaces(config: Config): Place[] {
  const ofTransitions = transitionPlaces(config).flatMap((place) => {
    const transition = place.list(config)[place.index] as Config
    if (transition['actions'] === undefined) return []
    return placesOf(`${place.name} action`, config, (copy) =>
      listAt(place.list(copy)[place.index], 'actions'),
    )
  })
  const ofStates = stateKeys(config).flatMap((keys) =>
    (['entry', 'exit'] as const).flatMap((moment) => {
      if (stateAt(config, keys)[moment] === undefined) return []
      return placesOf(`${nameOf(keys)} ${moment}`, config, (copy) => listAt(stateAt(copy, keys), moment))
    }),
  )
  return [...ofTransitions, ...ofStates]
}

function placesOf(name: string, config: Config, list: Place['list']): Place[] {
  return list(config).map((_, index) => ({ name: `${name} ${index}`, index, list }))
}

function transitions(given: unknown): Config[] {
  return listOf(given).map((one) => {
    if (typeof one === 'string') return { target: one }
    const transition = { ...(one as Config) }
    if (transition['actions'] !== undefined) transition['actions'] = listOf(transition['actions'])
    return transition
  })
}

function listOf(given: unknown): unknown[] {
  return Array.isArray(given) ? [...(given as unknown[])] : [given]
}

function mapped(given: Config, change: (value: unknown) => unknown): Config {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, change(value)]))
}

/** The keys of every state, from the root down; the root has none. */
function stateKeys(config: Config, above: readonly string[] = []): string[][] {
  const states = (config['states'] as Config | undefined) ?? {}
  const below = Object.entries(states).flatMap(([key, state]) => stateKeys(state as Config, [...above, key]))
  return [[...above], ...below]
}

function stateAt(config: Config, keys: readonly string[]): Config {
  let state = config
  for (const key of keys) state = (state['states'] as Config)[key] as Config
  return state
}

function listAt(holder: unknown, key: string): unknown[] {
  return (holder as Config)[key] as unknown[]
}

function nameOf(keys: readonly string[]): string {
  return keys.length === 0 ? '(root)' : keys.join('.')
}

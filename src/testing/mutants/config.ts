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

const INVOCATION_GROUPS = ['onDone', 'onError', 'onSnapshot'] as const

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
  for (const group of ['always', 'onDone'] as const) {
    if (state[group] !== undefined) copy[group] = transitions(state[group])
  }
  if (state['invoke'] !== undefined) copy['invoke'] = listOf(state['invoke']).map(invocation)
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
    const alone = (['always', 'onDone'] as const).flatMap((group) =>
      placesAt(`${nameOf(keys)} ${group}`, config, (copy) => stateAt(copy, keys), group),
    )
    return [...grouped, ...alone, ...invocationPlaces(config, keys)]
  })
}

/** The place of every action in a normalised config: those of transitions, and those of entry and exit. */
export function actionPlaces(config: Config): Place[] {
  const ofTransitions = transitionPlaces(config).flatMap((place) =>
    placesAt(`${place.name} action`, config, (copy) => place.list(copy)[place.index] as Config, 'actions'),
  )
  const ofStates = stateKeys(config).flatMap((keys) =>
    (['entry', 'exit'] as const).flatMap((moment) =>
      placesAt(`${nameOf(keys)} ${moment}`, config, (copy) => stateAt(copy, keys), moment),
    ),
  )
  return [...ofTransitions, ...ofStates]
}

/** The transitions of a state for what becomes of the actors that it invokes. */
function invocationPlaces(config: Config, keys: readonly string[]): Place[] {
  const invoked = (copy: Config): Config[] => (stateAt(copy, keys)['invoke'] ?? []) as Config[]
  return invoked(config).flatMap((one, index) =>
    INVOCATION_GROUPS.flatMap((group) =>
      placesAt(
        `${nameOf(keys)} invoke ${nameOfInvocation(one, index)} ${group}`,
        config,
        (copy) => invoked(copy)[index] as Config,
        group,
      ),
    ),
  )
}

function nameOfInvocation({ id }: Config, index: number): string {
  return typeof id === 'string' ? id : String(index)
}

/** The places of a list that may not be there. */
function placesAt(name: string, config: Config, holder: (copy: Config) => Config, key: string): Place[] {
  return holder(config)[key] === undefined ? [] : placesOf(name, config, (copy) => listAt(holder(copy), key))
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

function invocation(given: unknown): Config {
  const copy = { ...(given as Config) }
  for (const group of INVOCATION_GROUPS) {
    if (copy[group] !== undefined) copy[group] = transitions(copy[group])
  }
  return copy
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

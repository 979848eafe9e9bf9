/** What a path of the HTTP side is for. */
export interface Route {
  readonly name: 'create' | 'compact' | 'response' | 'input-items' | 'cancel' | 'models' | 'model'
  readonly methods: readonly string[]
  /** Of the response or model that the path names; empty where it names none. */
  readonly id: string
}

const routes: readonly (Omit<Route, 'id'> & { readonly path: RegExp })[] = [
  { name: 'create', methods: ['POST'], path: /\/responses$/ },
  { name: 'compact', methods: ['POST'], path: /\/responses\/compact$/ },
  { name: 'response', methods: ['GET', 'DELETE'], path: /\/responses\/([^/]+)$/ },
  { name: 'input-items', methods: ['GET'], path: /\/responses\/([^/]+)\/input_items$/ },
  { name: 'cancel', methods: ['POST'], path: /\/responses\/([^/]+)\/cancel$/ },
  { name: 'models', methods: ['GET'], path: /\/models$/ },
  { name: 'model', methods: ['GET'], path: /\/models\/(.+)$/ },
]

/** The route of a path, under whatever base; null where there is none. */
export function routeOf(path: string): Route | null {
  for (const { path: pattern, ...route } of routes) {
    const found = pattern.exec(path)
    if (found !== null) return { ...route, id: found[1] ?? '' }
  }
  return null
}

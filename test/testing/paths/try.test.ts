import { test } from 'vitest'
import { explore } from '/work/main/src/testing/paths/explore.ts'
import { edgesOf } from '/work/main/src/testing/paths/edges.ts'
import { connectionPaths } from '/work/main/src/testing/paths/connection.ts'
test('x', {timeout: 100000}, async () => {
  const all = edgesOf(connectionPaths.machine)
  const taken = new Set<string>(), refused = new Set<string>()
  for (const [name, options] of Object.entries(connectionPaths.profiles)) {
    const t = Date.now()
    const e = await explore(connectionPaths.explore(options))
    console.log(name, e.places.length, e.arcs.length, Date.now() - t, Math.max(...e.places.map(p=>p.steps.length)))
    for (const a of e.arcs) for (const m of a.moves) { m.taken.forEach(x => taken.add(x)); m.refused.forEach(x=>refused.add(x)) }
  }
  console.log(all.length, taken.size)
  console.log('untaken', all.filter(e => !taken.has(e.id)))
  console.log('never refused', all.filter(e => e.guard !== null && !refused.has(e.id)).map(e => e.id + ' ' + e.guard))
})

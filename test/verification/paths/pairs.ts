import { edgesOf } from '../../../src/testing/paths/edges.ts'
import type { GeneratedPaths } from '../../../src/testing/paths/generate.ts'
import { pairsOfEdges } from '../../../src/testing/paths/path.ts'

/** Pairs of transitions that two steps in a row can take, or one step, and that no path takes. */
export function missingPairs<Step, Options>({
  subject,
  explorations,
  paths,
}: GeneratedPaths<Step, Options>): string[] {
  const taken = new Set(paths.flatMap(({ moves }) => pairsOfEdges(moves.flatMap((move) => move.taken))))
  const known = new Set(edgesOf(subject.machine).map(({ id }) => id))
  const possible = new Set<string>()
  for (const { arcs } of explorations.map(({ exploration }) => exploration)) {
    for (const { moves, to } of arcs) {
      const edges = moves.flatMap((move) => move.taken)
      for (const pair of pairsOfEdges(edges)) possible.add(pair)
      for (const next of to.arcs) {
        const [second] = next.moves.flatMap((move) => move.taken)
        if (edges.length > 0 && second !== undefined) possible.add(`${edges.at(-1)} > ${second}`)
      }
    }
  }
  if (possible.size < known.size) throw new Error('There are more pairs than transitions.')
  return [...possible].filter((pair) => !taken.has(pair))
}

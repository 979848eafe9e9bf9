import type { Path } from '../paths/path.ts'
import type { Coverage, CoveredItem } from './coverage.ts'

const KINDS = ['state', 'transition', 'guard', 'delay'] as const

/** A coverage as text: a table, what only the bare chart can do and why, and the gaps. */
export function printCoverage(coverage: Coverage): string {
  const lines = [`Chart "${coverage.chart}"`, '', row('', 'all', 'from outside', 'chart only', 'none')]
  for (const kind of KINDS) {
    const items = coverage.items.filter((item) => item.kind === kind)
    const count = (status: CoveredItem['status']): number => items.filter((item) => item.status === status).length
    lines.push(row(`${kind}s`, items.length, count('outside'), count('chart'), count('none')))
  }
  const explained = coverage.items.filter(({ reason }) => reason !== null)
  lines.push('', `Not to be caused from outside: ${explained.length}`)
  for (const [reason, items] of byReason(explained)) {
    lines.push(`  ${reason}:`, ...items.map(({ id }) => `    ${id}`))
  }
  lines.push('', coverage.gaps.length === 0 ? 'No gaps.' : `Gaps: ${coverage.gaps.length}`)
  for (const { kind, id, status } of coverage.gaps) {
    lines.push(`  ${kind} ${id}: ${status === 'none' ? 'no path' : 'a path on the bare chart only, without a reason'}`)
  }
  return lines.join('\n')
}

/** Every item with the path that covers it: the path's name, which is its kind and its goal, and its steps. */
export function printPaths(coverage: Coverage): string {
  return coverage.items
    .map(({ kind, id, status, path }) => {
      const where = status === 'chart' ? ', on the bare chart only' : ''
      const shown = path === null ? ['(no path)'] : [`${path.kind} ${path.goal}${where}`, stepsInShort(path)]
      return [`${kind} ${id}`, ...shown.map((line) => `  ${line}`)].join('\n')
    })
    .join('\n')
}

/** A path on one line, as in `connect, accept, hang-up 1011`. */
export function stepsInShort({ profile, steps }: Path<unknown>): string {
  return `${steps.map(stepInShort).join(', ')}   [${profile}]`
}

function stepInShort(step: unknown): string {
  if (typeof step !== 'object' || step === null) return String(step)
  return Object.values(step).map(String).join(' ')
}

function row(name: string, ...cells: readonly (string | number)[]): string {
  return name.padEnd(14) + cells.map((cell) => String(cell).padStart(13)).join('')
}

function byReason(items: readonly CoveredItem[]): Map<string, CoveredItem[]> {
  const groups = new Map<string, CoveredItem[]>()
  for (const item of items) groups.set(item.reason ?? '', [...(groups.get(item.reason ?? '') ?? []), item])
  return groups
}

import type { UsageInfo } from '../../protocol/index.ts'

/** Tokens of two responses together. What neither counts is left out; null when neither counts anything. */
export function addUsage(
  one: UsageInfo | null | undefined,
  other: UsageInfo | null | undefined,
): UsageInfo | null {
  if (one == null || other == null) return one ?? other ?? null
  return sum(one, other) as UsageInfo
}

/** Counts stand under names of any depth, and a server may have more of them than this version knows. */
function sum(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  if (!isRecord(one) || !isRecord(other)) return one ?? other
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, sum(one[name], other[name])]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** More ways to read a recording than these are not tried. */
const MAX_ASSIGNMENTS = 256

/** Which text each numbered one that is not shown may be. */
export type TextAssignment = ReadonlyMap<unknown, string>

/**
 * The same text may be shown in one field and not in another, and charts compare them. These are all ways in which
 * texts that are not shown may be some of those of the same length that are; null where there are too many.
 */
export function textAssignments(value: unknown): TextAssignment[] | null {
  const lengths = new Map<unknown, number>()
  const shown = new Set<string>()
  collect(value, lengths, shown)
  let assignments: TextAssignment[] = [new Map()]
  for (const [same, length] of lengths) {
    const texts = [...shown].filter((text) => text.length === length)
    assignments = assignments.flatMap((assignment) => {
      const taken = new Set(assignment.values())
      const further = texts.filter((text) => !taken.has(text))
      return [assignment, ...further.map((text) => new Map([...assignment, [same, text] as const]))]
    })
    if (assignments.length > MAX_ASSIGNMENTS) return null
  }
  return assignments.filter(({ size }) => size > 0)
}

function collect(value: unknown, lengths: Map<unknown, number>, shown: Set<string>): void {
  if (typeof value === 'string') shown.add(value)
  if (typeof value !== 'object' || value === null) return
  if ('$text' in value && 'same' in value && typeof value.$text === 'number')
    lengths.set(value.same, value.$text)
  else for (const inner of Object.values(value)) collect(inner, lengths, shown)
}

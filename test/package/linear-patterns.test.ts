import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { analyse } from 'scslre'
import { parseSync } from 'vite'
import { expect, it } from 'vitest'

// A peer's text must not stall the event loop: no pattern here takes more than linear time, wherever its text is from.

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Pattern {
  readonly pattern: string
  readonly flags: string
}

function patternsIn(node: unknown, found: Pattern[] = []): Pattern[] {
  if (typeof node !== 'object' || node === null) return found
  if ('regex' in node) found.push(node.regex as Pattern)
  else for (const child of Object.values(node)) patternsIn(child, found)
  return found
}

/** What of these patterns can take more than linear time, as the character that does it, repeated. */
function slowOnes(patterns: readonly Pattern[]): string[] {
  return patterns.flatMap(({ pattern: source, flags }) =>
    analyse({ source, flags }).reports.map(
      ({ type, character }) => `/${source}/${flags}: ${type} of ${JSON.stringify(character.pick)}`,
    ),
  )
}

it('finds patterns that are quadratic', () => {
  const { program } = parseSync('a.ts', String.raw`text.replaceAll(/\\+u([0-9a-f]{4})/gi, '')`)
  expect(slowOnes(patternsIn(program))).toHaveLength(1)
})

it.each(['src', 'machines', 'visualize'])('every pattern in %s is linear', (folder) => {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/node_modules|dist/.test(file))
  expect(sources.length).toBeGreaterThan(20)
  const slow = sources.flatMap((file) => {
    const path = join(root, folder, file)
    return slowOnes(patternsIn(parseSync(path, readFileSync(path, 'utf8')).program)).map(
      (problem) => `${folder}/${file} ${problem}`,
    )
  })
  expect(slow).toEqual([])
})

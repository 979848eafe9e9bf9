import { readFileSync } from 'node:fs'

/** The text of a file, its path given from the project's root. */
export function textOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The rows of every table under a heading (or of the whole text), cells trimmed, without the heads. */
export function tableRows(markdown: string, heading?: string): string[][] {
  const lines = (heading === undefined ? markdown : sectionOf(markdown, heading)).split('\n')
  return lines
    .filter((line, at) => line.startsWith('|') && !isRule(line) && !isRule(lines[at + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** The texts of the code blocks in one language. */
export function codeBlocks(markdown: string, language: string): string[] {
  const fence = '`'.repeat(3)
  return [...markdown.matchAll(new RegExp(`^${fence}${language}\\n([^]*?)^${fence}$`, 'gm'))].map(
    ([, code = '']) => code,
  )
}

/** The words of a cell that stand in backquotes. */
export function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code)
}

function sectionOf(markdown: string, heading: string): string {
  const [, section] = markdown.split(`\n${heading}\n`)
  if (section === undefined) throw new Error(`there is no heading "${heading}"`)
  return section.split(/\n## /)[0] ?? ''
}

function isRule(line: string): boolean {
  return /^\|[\s:|-]+\|$/.test(line)
}

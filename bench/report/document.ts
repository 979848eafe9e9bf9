/** Puts a section between its marks in a document: `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function replaceSection(document: string, name: string, section: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The document has no place for "${name}".`)
  return `${document.slice(0, from + begin.length)}\n\n${section}\n\n${document.slice(to)}`
}

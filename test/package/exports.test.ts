import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../visualize/package-root.ts'

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

/** The source of each entry point, by its name. */
function entries(): [string, string][] {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as Manifest
  return Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name, target.types.replace('./dist/', '').replace('.d.ts', '.ts')]],
  )
}

/** The names that an entry point lists: values as they are, types marked. */
function namesOf(file: string): string[] {
  const text = readFileSync(join(packageRoot(), file), 'utf8')
  const names = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = '', list = '']) =>
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => (name.startsWith('type ') ? name : `${type}${name}`)),
  )
  return names.toSorted()
}

it('each entry point lists its names, and nothing comes along with them', () => {
  for (const [, file] of entries()) {
    const text = readFileSync(join(packageRoot(), file), 'utf8')
    expect(text.replaceAll(/^(?:export (?:type )?\{[^}]*\} from '[^']*'|\/\/.*)$/gm, '').trim()).toBe('')
  }
})

/** What an application has to know. A name that is added here is one that somebody must learn. */
it('the names of the package are these', async () => {
  const list = entries().flatMap(([name, file]) => [`# holdline${name.slice(1)}`, ...namesOf(file), ''])
  await expect(list.join('\n')).toMatchFileSnapshot('exports.txt')
})

it.each([
  ['.', 22, 147],
  ['./machines', 10, 50],
  ['./testing', 13, 36],
  ['./model-testing', 18, 40],
])('%s has few of them', (name, values, all) => {
  const names = namesOf(new Map(entries()).get(name) ?? '')
  expect(names.filter((each) => !each.startsWith('type ')).length).toBeLessThanOrEqual(values)
  expect(names.length).toBeLessThanOrEqual(all)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { packageRoot } from '../../visualize/package-root.ts'

const dist = join(packageRoot(), 'dist')

/** What Node loads with this file of `dist`, without what it imports late. */
function loadedWith(entry: string) {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\b[^;'"]*["']([^"']+)["'];$/gm,
    )) {
      if (name.startsWith('.')) visit(join(file, '..', name))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  visit(join(dist, entry))
  return { files, packages: [...packages].toSorted() }
}

async function exportsOf(entry: string) {
  return (await import(pathToFileURL(join(dist, entry)).href)) as Record<string, unknown>
}

it('`holdline` is few files, without what only some programs need', () => {
  const { files, packages } = loadedWith('src/index.js')
  expect(packages).toEqual(['@valibot/to-json-schema', 'p-limit', 'valibot', 'ws', 'xstate'])
  expect(files.size).toBeLessThanOrEqual(4)
})

it('`holdline/machines` is what a browser can load', () => {
  expect(loadedWith('machines/index.js').packages).toEqual(['valibot', 'xstate'])
})

it('what entry points share exists once', async () => {
  const [all, machines] = await Promise.all(['src/index.js', 'machines/index.js'].map(exportsOf))
  expect(Object.entries(machines ?? {}).filter(([name, value]) => value !== all?.[name])).toEqual([])
  const { files } = loadedWith('src/testing/index.js')
  for (const file of loadedWith('src/index.js').files) {
    if (!file.endsWith('index.js')) expect(files).toContain(file)
  }
})

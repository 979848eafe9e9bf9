import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
      /(?:^|;)(?:import|export)\b[^;'"`]*["'`]([^"'`]+)["'`](?=;)/gm,
    )) {
      if (name.startsWith('.')) visit(join(file, '..', name))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  visit(join(dist, entry))
  return { files, packages: [...packages].toSorted() }
}

it('`holdline` is few files, without what only some programs need', () => {
  const { files, packages } = loadedWith('src/index.js')
  expect(packages).toEqual(['@valibot/to-json-schema', 'p-limit', 'valibot', 'ws', 'xstate'])
  expect(files.size).toBeLessThanOrEqual(4)
})

it('`holdline/machines` and `holdline/protocol` are what a browser can load', () => {
  expect(loadedWith('machines/index.js').packages).toEqual(['valibot', 'xstate'])
  expect(loadedWith('src/protocol/public.js').packages).toEqual(['valibot', 'xstate'])
})

it('what entry points share exists once', () => {
  const { files } = loadedWith('src/testing/index.js')
  const shared = ['src/index.js', 'machines/index.js', 'src/protocol/public.js'].flatMap((entry) =>
    [...loadedWith(entry).files].filter((file) => !file.endsWith(entry)),
  )
  expect([...files]).toEqual(expect.arrayContaining(shared))
})

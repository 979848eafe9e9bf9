import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { packageRoot } from '../package-root.ts'

/** One file of the page, ready to be served. */
export interface Asset {
  readonly type: string
  readonly body: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
}

/** Names of the page's files. */
export const PAGE_FILES: readonly string[] = Object.keys(TYPES)

/** The files of the page by name. Empty where the page was not built. */
export async function readPage(): Promise<ReadonlyMap<string, Asset>> {
  const folder = path.join(packageRoot(), 'dist/visualize/page')
  const files = await Promise.all(
    Object.entries(TYPES).map(async ([name, type]) => {
      const body = await readFile(path.join(folder, name)).catch(() => null)
      return body === null ? [] : [[name, { type, body }] as const]
    }),
  )
  const page = new Map(files.flat())
  return page.size === Object.keys(TYPES).length ? page : new Map()
}

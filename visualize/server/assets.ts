import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

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

/** The built page stands beside the compiled server; from the sources it is found in `dist`. */
const FOLDERS = ['../page/', '../../dist/visualize/page/'].map((folder) => new URL(folder, import.meta.url))

/** The files of the page by name. Empty where the page was not built. */
export async function readPage(): Promise<ReadonlyMap<string, Asset>> {
  for (const folder of FOLDERS) {
    const files = await Promise.all(
      Object.entries(TYPES).map(async ([name, type]) => {
        const body = await readFile(fileURLToPath(new URL(name, folder))).catch(() => null)
        return body === null ? [] : [[name, { type, body }] as const]
      }),
    )
    const page = new Map(files.flat())
    if (page.size === Object.keys(TYPES).length) return page
  }
  return new Map()
}

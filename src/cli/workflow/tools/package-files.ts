import { readFile, readdir, realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { packageRoot } from '../../../../visualize/package-root.ts'

/** The folders of this package that the tools may look into. */
export const FOLDERS = ['machines', 'src'] as const
export type Folder = (typeof FOLDERS)[number]

/** The TypeScript files of a folder, as paths from the package's root with `/`, sorted. */
export async function sourceFiles(folder: Folder): Promise<string[]> {
  const root = packageRoot()
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .toSorted()
}

/**
 * The lines of one file.
 *
 * @param path from the package's root
 * @param folder where the package is; for tests
 * @throws {Error} when the path leads anywhere else than into those folders, through links included
 */
export async function readSource(path: string, folder: string = packageRoot()): Promise<string[]> {
  const root = await realpath(folder)
  const real = await realpath(resolve(root, path)).catch(() => null)
  if (real === null) throw new Error('There is no such file in this package.')
  if (!FOLDERS.some((name) => real.startsWith(join(root, name) + sep))) {
    throw new Error(`Only files under ${FOLDERS.join('/ and ')}/ can be read.`)
  }
  return (await readFile(real, 'utf8')).split('\n')
}

import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AnyStateMachine } from 'xstate'
import { describeChart } from './chart/describe.ts'
import { layoutChart } from './chart/elk.ts'
import { chartToMermaid } from './chart/mermaid.ts'
import { chartToSvg } from './chart/svg-file.ts'

/** Where the printed files of the package's charts go, from its root. */
export interface PrintFolders {
  /** SVG and Mermaid, for people. */
  readonly diagrams: string
  /** Layouts as JSON, for the page: so nobody needs `elkjs` to look at these charts. */
  readonly layouts: string
}

/** A printed file that is not what the machines say. */
export interface Difference {
  readonly file: string
  readonly problem: 'is missing' | 'differs' | 'belongs to no chart'
}

/** Writes the files of all charts, and deletes those of charts that are gone. Resolves with what was written. */
export async function printCharts(
  charts: Readonly<Record<string, AnyStateMachine>>,
  folders: PrintFolders,
): Promise<readonly string[]> {
  const files = await filesOf(charts, folders)
  await Promise.all(Object.values(folders).map((folder: string) => mkdir(folder, { recursive: true })))
  await Promise.all([...files].map(([file, text]) => writeFile(file, text)))
  await Promise.all((await strangers(files, folders)).map((file) => rm(file)))
  return [...files.keys()]
}

/** Compares the files with the machines. Resolves with what is not as it should be; empty when all is. */
export async function checkCharts(
  charts: Readonly<Record<string, AnyStateMachine>>,
  folders: PrintFolders,
): Promise<readonly Difference[]> {
  const files = await filesOf(charts, folders)
  const compared = [...files].map(async ([file, text]): Promise<Difference[]> => {
    const found = await readFile(file, 'utf8').catch(() => null)
    if (found === null) return [{ file, problem: 'is missing' }]
    return found === text ? [] : [{ file, problem: 'differs' }]
  })
  const extra = (await strangers(files, folders)).map((file): Difference => ({
    file,
    problem: 'belongs to no chart',
  }))
  return [...(await Promise.all(compared)).flat(), ...extra]
}

async function filesOf(
  charts: Readonly<Record<string, AnyStateMachine>>,
  { diagrams, layouts }: PrintFolders,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const [name, machine] of Object.entries(charts)) {
    const model = describeChart(machine)
    const full = await layoutChart(model)
    const brief = await layoutChart(model, 'brief')
    files.set(path.join(diagrams, `${name}.svg`), chartToSvg(full))
    files.set(path.join(diagrams, `${name}.mmd`), chartToMermaid(model))
    files.set(path.join(layouts, `${name}.json`), `${JSON.stringify({ model, layouts: { full, brief } })}\n`)
  }
  return files
}

async function strangers(files: ReadonlyMap<string, string>, folders: PrintFolders): Promise<string[]> {
  const found = await Promise.all(
    Object.values(folders).map(async (folder: string) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => /\.(svg|mmd|json)$/.test(name)).map((name) => path.join(folder, name))
    }),
  )
  return found.flat().filter((file) => !files.has(file))
}

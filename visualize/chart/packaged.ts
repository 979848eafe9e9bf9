import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { packageRoot } from '../package-root.ts'
import type { ChartLayout } from './layout.ts'
import type { ChartModel } from './model.ts'
import { layoutChart } from './elk.ts'

/** The layouts of one chart. */
export interface ChartLayouts {
  readonly full: ChartLayout
  readonly brief: ChartLayout
}

/**
 * The layouts of a chart: from the package for its own charts, else made by `elkjs`. Null when it is neither one of
 * the package's nor is `elkjs` installed.
 */
export async function layoutsOf(model: ChartModel): Promise<ChartLayouts | null> {
  const packaged = await readPackaged(model.id)
  // A chart of that id may be another one, or one that was changed: then the layout is of no use.
  if (packaged !== null && JSON.stringify(packaged.model) === JSON.stringify(model)) return packaged.layouts
  try {
    return { full: await layoutChart(model), brief: await layoutChart(model, 'brief') }
  } catch {
    return null
  }
}

const unzip = promisify(gunzip)

/** One of the package's own charts by its id, or null. The build packs what `npm run diagrams` has written. */
export async function readPackaged(id: string): Promise<{ model: ChartModel; layouts: ChartLayouts } | null> {
  if (!/^[\w-]{1,64}$/.test(id)) return null
  try {
    const packed = await readFile(path.join(packageRoot(), `dist/visualize/layouts/${id}.json.gz`))
    return JSON.parse((await unzip(packed)).toString()) as { model: ChartModel; layouts: ChartLayouts }
  } catch {
    return null
  }
}

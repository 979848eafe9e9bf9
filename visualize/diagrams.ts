import path from 'node:path'
import process from 'node:process'
import { CHARTS } from './charts.ts'
import { packageRoot } from './package-root.ts'
import { checkCharts, printCharts } from './print.ts'

// `npm run diagrams`.
const root = packageRoot()
const folders = { diagrams: path.join(root, 'docs/diagrams'), layouts: path.join(root, 'visualize/layouts') }

if (process.argv.includes('--check')) {
  const differences = await checkCharts(CHARTS, folders)
  for (const { file, problem } of differences)
    process.stderr.write(`${path.relative(root, file)} ${problem}\n`)
  if (differences.length > 0) {
    process.stderr.write('The printed diagrams are not those of the machines. Run: npm run diagrams\n')
    process.exitCode = 1
  }
} else {
  for (const file of await printCharts(CHARTS, folders))
    process.stdout.write(`${path.relative(root, file)}\n`)
}

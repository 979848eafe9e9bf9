import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { InspectionEvent } from 'xstate'
import { runDemo } from './demo/workflow.ts'
import { startInspector } from './inspector.ts'
import { packageRoot } from './package-root.ts'
import { startXstateBridge } from './xstate-bridge.ts'

// `npm run visualize`: a local server that misbehaves, a workflow on it, and the page.
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

/** The workspace's own build, beside its own version of XState. */
const BRIDGE = pathToFileURL(path.join(packageRoot(), 'visualize/xstate-inspect/dist/bridge.js'))

const inspector = await startInspector({
  title: 'a workflow with faults',
  port: Number(process.env['PORT'] ?? 0),
})
const bridge = process.argv.includes('--xstate-inspect') ? await startXstateBridge(BRIDGE) : null
if (bridge !== null) process.stderr.write(`For receivers of @xstate/inspect: ${bridge.url}\n`)
process.stderr.write('Ctrl-C ends it.\n')
const inspect = (event: InspectionEvent): void => {
  inspector.inspect(event)
  bridge?.inspect(event)
}
await runDemo(inspect, stop.signal)
await Promise.all([inspector.close(), bridge?.close()])

import process from 'node:process'
import { runDemo } from './demo/workflow.ts'
import { startInspector } from './inspector.ts'

// `npm run visualize`: a local server that misbehaves, a workflow on it, and the page.
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

const port = Number(process.env['PORT'] ?? 0)
const inspector = await startInspector({ title: 'a workflow with faults', port })
process.stderr.write('Ctrl-C ends it.\n')
await runDemo(inspector.inspect, stop.signal)
await inspector.close()

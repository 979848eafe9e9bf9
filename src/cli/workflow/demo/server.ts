import { type ResponsesServer, createResponsesServer } from '../../testing/index.ts'
import { demoModel } from './demo-model.ts'
import type { Target } from './target.ts'

/** The local server takes this key and no other. It opens nothing anywhere else. */
const DEMO_KEY = 'holdline-demo-key'

/** What goes wrong, turn by turn. What is said comes from the model. */
const FAULTS = [
  // Between two turns: the response is complete, and the tool that it asks for runs while the line goes.
  {
    faults: [{ at: 'after-terminal' as const, do: 'close' as const, code: 1012, reason: 'service restart' }],
  },
  {},
  // In the middle of a turn: some words have arrived, and then the line is cut without a close frame.
  { faults: [{ at: 'delta' as const, nth: 12, do: 'terminate' as const }] },
]

/** A server on this machine that stands in for the service, and drops the connection twice. */
export async function startDemoServer(): Promise<{ server: ResponsesServer; target: Target }> {
  const server = await createResponsesServer({ apiKey: DEMO_KEY, turns: FAULTS, model: demoModel })
  return { server, target: { url: server.url, apiKey: DEMO_KEY, model: 'demo' } }
}

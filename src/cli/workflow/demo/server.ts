import { type ResponsesServer, type Script, createResponsesServer } from '../../../testing/index.ts'
import type { Target } from '../target.ts'
import { DEMO_AGE, untilMoved } from './aging.ts'
import { demoModel } from './model.ts'

/** The local server takes this key and no other. It opens nothing anywhere else. */
const DEMO_KEY = 'holdline-demo-key'

/** What goes wrong, create by create. What is said comes from the model. */
const FAULTS: NonNullable<Script['turns']> = [
  {},
  // Between two turns: the response is complete, and the tool that it asks for runs while the line goes.
  { faults: [{ at: 'after-terminal', do: 'close', code: 1012, reason: 'service restart' }] },
  {},
  // In the middle of a turn: some words have arrived, and then the line is cut without a close frame.
  { faults: [{ at: 'delta', nth: 7, do: 'terminate' }] },
  {},
  // The chain is lost: the server does not remember what the turn wants to continue.
  { error: { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' } },
]

/** A server on this machine that stands in for the service, and makes trouble four times. */
export async function startDemoServer(): Promise<{ server: ResponsesServer; target: Target }> {
  const server = await createResponsesServer({ apiKey: DEMO_KEY, turns: FAULTS, model: demoModel })
  // A model that can be steered, there as here.
  const model = 'gpt-6-astra'
  return { server, target: { url: server.url, apiKey: DEMO_KEY, model, age: DEMO_AGE, pause: untilMoved } }
}

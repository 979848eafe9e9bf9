import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { deltaFrame, responseFrames } from './frames.ts'
import { behaviourOf } from './spec.ts'

/** Answers a create over HTTP as a stream of server-sent events. */
export function serveHttp(request: IncomingMessage, response: ServerResponse): void {
  void answer(request, response)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { frames = 1, bytes = 250, calls = 0 } = behaviourOf(request.url ?? '/')
  const { input } = JSON.parse((await buffer(request)).toString()) as { input: readonly { type?: string }[] }
  const served = input.filter(({ type }) => type === 'function_call_output').length
  const { created, done } = responseFrames(undefined, served < calls)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const deltas = Array.from({ length: frames }, () => deltaFrame(bytes, undefined))
  for (const frame of [created, ...deltas, ...done]) response.write(`data: ${frame}\n\n`)
  response.end('data: [DONE]\n\n')
}

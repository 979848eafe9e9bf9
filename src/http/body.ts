import type { IncomingMessage } from 'node:http'

/**
 * The body of an answer, read no faster than it is asked for. The response is destroyed when it is left.
 *
 * `for await` over the response itself would drop what had arrived unread when the connection breaks. Here
 * that comes first and the error after it, because what the server has said decides whether asking again is
 * safe.
 *
 * @throws whatever the response failed with
 */
export async function* readBody(response: IncomingMessage): AsyncGenerator<Buffer, void> {
  const chunks: Buffer[] = []
  let over = false
  let failure: unknown = null
  let wake: (() => void) | null = null
  const finish = (error: unknown) => {
    if (over) return
    over = true
    failure = error
    for (let rest = takeRest(response); rest !== null; rest = takeRest(response)) chunks.push(rest)
    wake?.()
  }
  response.on('data', (chunk: Buffer) => {
    response.pause()
    chunks.push(chunk)
    wake?.()
  })
  response.once('end', () => finish(null))
  response.once('error', finish)
  response.once('close', () => finish(new Error('The response was closed.')))
  try {
    for (;;) {
      const chunk = chunks.shift()
      if (chunk !== undefined) yield chunk
      else if (over) break
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
          response.resume()
        })
      }
    }
    if (failure !== null) throw failure
  } finally {
    response.destroy()
  }
}

function takeRest(response: IncomingMessage): Buffer | null {
  return response.read() as Buffer | null
}

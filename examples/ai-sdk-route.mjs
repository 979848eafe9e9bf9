// A route under the AI SDK: one kept connection for all requests of this process, a user's conversation continued by
// what is new. `POST` is what Next.js, Hono and others call; here a small server of Node's calls it.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { createOpenAI } from '@ai-sdk/openai'
import { stepCountIs, streamText, tool } from 'ai'
import { ResponsesConnection } from 'holdline'
import { responsesFetch } from 'holdline/fetch'
import { createResponsesServer } from 'holdline/testing'
import { z } from 'zod'

const call = (city) => ({ name: 'weather', arguments: { city } })
const responses = await createResponsesServer({
  turns: [{ calls: [call('Paris'), call('Rome')] }, { text: 'Sun in both.' }],
})
const connection = new ResponsesConnection({ url: responses.url, apiKey: 'any-key' })
// A user's requests go on from that user's responses only.
const fetch = responsesFetch(connection, { scope: (headers) => headers.get('x-user') ?? '' })
const openai = createOpenAI({ apiKey: 'any-key', baseURL: responses.baseUrl, fetch })

const weather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sun in ${city}`,
})

export async function POST(request) {
  const { messages, user } = await request.json()
  const result = streamText({
    model: openai.responses('gpt-5.4'),
    headers: { 'x-user': user },
    messages,
    tools: { weather },
    stopWhen: stepCountIs(5),
    // The tab was closed: the turn is cancelled, and the next one starts clean.
    abortSignal: request.signal,
  })
  return result.toTextStreamResponse()
}

const app = createServer((incoming, outgoing) => {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const init = { method: 'POST', body: Readable.toWeb(incoming), duplex: 'half', signal: gone.signal }
  void POST(new Request('http://app/', init)).then(({ body }) => Readable.fromWeb(body).pipe(outgoing))
})
await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve))

const messages = [{ role: 'user', content: 'The weather in Paris and Rome?' }]
const answer = await globalThis.fetch(`http://127.0.0.1:${app.address().port}/`, {
  method: 'POST',
  body: JSON.stringify({ user: 'ada', messages }),
})
console.log(await answer.text())
console.log(`${responses.creates()} requests over ${responses.connections().length} connection`)

app.close()
app.closeAllConnections()
await connection.close()
await responses.close()

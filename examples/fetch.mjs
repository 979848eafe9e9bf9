import { ResponsesConnection } from 'holdline'
import { responsesFetch } from 'holdline/fetch'
import { createResponsesServer } from 'holdline/testing'
import OpenAI from 'openai'

const server = await createResponsesServer({ turns: [{ text: 'Hello through the openai package.\n' }] })
const connection = new ResponsesConnection({ url: server.url, apiKey: 'any-key' })
const client = new OpenAI({ apiKey: 'any-key', baseURL: server.baseUrl, fetch: responsesFetch(connection) })

const stream = await client.responses.create({ model: 'gpt-5.4', input: 'Say hello.', stream: true })
for await (const event of stream) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
}
await connection.close()
await server.close()

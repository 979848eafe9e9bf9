import { ResponsesConnection } from 'holdline'
import { createResponsesServer } from 'holdline/testing'

const server = await createResponsesServer({ turns: [{ text: 'Hello over one kept connection.\n' }] })
const connection = new ResponsesConnection({ url: server.url, apiKey: 'any-key' })
const conversation = connection.conversation({ model: 'gpt-5.4' })

for await (const event of conversation.respond('Say hello.')) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
}
await connection.close()
await server.close()

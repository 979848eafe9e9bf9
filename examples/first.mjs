import { ResponsesConnection } from 'holdline'
import { createResponsesServer } from 'holdline/testing'

const server = await createResponsesServer({ turns: [{ text: 'Hello over one kept connection.\n' }] })
const connection = new ResponsesConnection({ url: server.url, apiKey: 'any-key' })

connection.on('response.output_text.delta', (event) => process.stdout.write(event.delta))
const completed = new Promise((resolve) => connection.on('response.completed', resolve))

await connection.connect()
connection.send({ type: 'response.create', model: 'gpt-5.4', input: 'Say hello.' })
await completed
await connection.close()
await server.close()

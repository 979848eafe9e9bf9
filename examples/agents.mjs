// agents-js on one kept connection: an agent with a tool, and another one that it hands over to.
import { Agent, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents'
import { ResponsesConnection } from 'holdline'
import { responsesFetch } from 'holdline/fetch'
import { createResponsesServer } from 'holdline/testing'
import OpenAI from 'openai'
import { z } from 'zod'

setTracingDisabled(true)

const server = await createResponsesServer({
  turns: [
    { calls: [{ name: 'transfer_to_forecaster', arguments: {} }] },
    { calls: [{ name: 'weather', arguments: { city: 'Paris' } }] },
    { text: 'Sun in Paris.' },
  ],
})
const connection = new ResponsesConnection({ url: server.url, apiKey: 'any-key' })
const client = new OpenAI({ apiKey: 'any-key', baseURL: server.baseUrl, fetch: responsesFetch(connection) })
const model = new OpenAIResponsesModel(client, 'gpt-5.4')

const weather = tool({
  name: 'weather',
  description: 'The weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `sun in ${city}`,
})
const forecaster = new Agent({
  name: 'forecaster',
  instructions: 'Say the weather.',
  model,
  tools: [weather],
})
const desk = new Agent({ name: 'desk', instructions: 'Hand over.', model, handoffs: [forecaster] })

const result = await run(desk, 'The weather in Paris?')
console.log(result.finalOutput)
console.log(`${server.creates()} requests over ${server.connections().length} connection`)

await connection.close()
await server.close()

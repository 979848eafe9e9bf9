import { type Tool as LangChainTool, tool as langChainTool } from '@langchain/core/tools'
import { HumanMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { Agent, OpenAIResponsesModel, run, setTracingDisabled, tool as agentTool } from '@openai/agents'
import * as tanstack from '@tanstack/ai'
import { createOpenaiChat } from '@tanstack/ai-openai'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'

setTracingDisabled(true)

/** Where a client is pointed to, and through which `fetch`. */
export interface Target {
  readonly baseURL: string
  readonly apiKey: string
  readonly fetch: typeof fetch
  /** Retries of the client's own. */
  readonly maxRetries?: number
}

export interface Ask {
  readonly prompt: string
  readonly isStream?: boolean
  /** A data URL that goes along. */
  readonly image?: string
  /** Lets it call `weather`, until the model asks for nothing. */
  readonly hasTools?: boolean
  readonly signal?: AbortSignal
}

/** A client that many programs use, behind one function: the text that came of it. */
export interface Client {
  readonly name: string
  readonly ask: (target: Target, ask: Ask) => Promise<string>
  /** Structured output: the object. Undefined where the client has none of its own. */
  readonly object?: (target: Target, prompt: string) => Promise<unknown>
}

const city = z.object({ city: z.string() })
const WEATHER = { name: 'weather', description: 'The weather of a city.' }
const weather = ({ city: name }: z.infer<typeof city>): string => `sun in ${name}`

function openaiOf({ baseURL, apiKey, fetch, maxRetries = 0 }: Target): OpenAI {
  return new OpenAI({ baseURL, apiKey, fetch, maxRetries })
}

const openai: Client = {
  name: 'openai',
  async ask(target, { prompt, isStream, image, hasTools, signal }) {
    const client = openaiOf(target)
    const content = [
      { type: 'input_text' as const, text: prompt },
      ...(image === undefined
        ? []
        : [{ type: 'input_image' as const, image_url: image, detail: 'auto' as const }]),
    ]
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content }]
    const tools = hasTools
      ? [{ type: 'function' as const, ...WEATHER, strict: true, parameters: z.toJSONSchema(city) as never }]
      : []
    for (;;) {
      const body = { model: 'gpt-5', input, ...(hasTools === true && { tools }) }
      const response = isStream
        ? await client.responses.stream(body, { signal }).finalResponse()
        : await client.responses.create(body, { signal })
      if (response.status !== 'completed') return `${response.status}: ${response.output_text}`
      const calls = response.output.flatMap((item) => (item.type === 'function_call' ? [item] : []))
      if (calls.length === 0) return response.output_text
      input.push(...(response.output as OpenAI.Responses.ResponseInputItem[]))
      for (const call of calls) {
        const output = weather(city.parse(JSON.parse(call.arguments)))
        input.push({ type: 'function_call_output', call_id: call.call_id, output })
      }
    }
  },
  async object(target, prompt) {
    const body = { model: 'gpt-5', input: prompt, text: { format: zodTextFormat(city, 'city') } }
    return (await openaiOf(target).responses.parse(body)).output_parsed
  },
}

const agents: Client = {
  name: '@openai/agents',
  async ask(target, { prompt, isStream, image, hasTools, signal }) {
    const helper = new Agent({ name: 'helper', instructions: 'Help.', model: modelOf(target) })
    const agent = new Agent({
      name: 'first',
      instructions: 'Be brief.',
      model: modelOf(target),
      handoffs: [helper],
      tools: hasTools ? [agentTool({ ...WEATHER, parameters: city, execute: weather })] : [],
    })
    const content = [
      { type: 'input_text' as const, text: prompt },
      ...(image === undefined ? [] : [{ type: 'input_image' as const, image }]),
    ]
    const input = [{ role: 'user' as const, content }]
    const how = signal === undefined ? {} : { signal }
    if (!isStream) return String((await run(agent, input, how)).finalOutput)
    const result = await run(agent, input, { ...how, stream: true as const })
    for await (const event of result) void event
    await result.completed
    return String(result.finalOutput)
  },
}

function modelOf(target: Target): OpenAIResponsesModel {
  return new OpenAIResponsesModel(openaiOf(target) as never, 'gpt-5')
}

const langchain: Client = {
  name: '@langchain/openai',
  async ask(target, { prompt, isStream, image, hasTools, signal }) {
    const model = langChainOf(target)
    const weatherTool = langChainTool(weather as never, {
      ...WEATHER,
      schema: city,
    }) as unknown as LangChainTool
    const bound = hasTools ? model.bindTools([weatherTool]) : model
    const content = [
      { type: 'text', text: prompt },
      ...(image === undefined ? [] : [{ type: 'image_url', image_url: { url: image } }]),
    ]
    const how = signal === undefined ? {} : { signal }
    const messages: any[] = [new HumanMessage({ content: content as never })]
    for (;;) {
      let answer: any
      if (!isStream) answer = await bound.invoke(messages, how)
      else
        for await (const chunk of await bound.stream(messages, how)) answer = answer?.concat(chunk) ?? chunk
      if (answer.tool_calls === undefined || answer.tool_calls.length === 0) return answer.text
      messages.push(answer)
      for (const call of answer.tool_calls) messages.push(await weatherTool.invoke(call))
    }
  },
  async object(target, prompt) {
    return langChainOf(target).withStructuredOutput(city, { name: 'city' }).invoke(prompt)
  },
}

function langChainOf({ baseURL, apiKey, fetch, maxRetries = 0 }: Target): ChatOpenAI {
  return new ChatOpenAI({
    model: 'gpt-5',
    apiKey,
    maxRetries,
    useResponsesApi: true,
    configuration: { baseURL, fetch },
  })
}

const tanStack: Client = {
  name: '@tanstack/ai-openai',
  async ask({ baseURL, apiKey, fetch, maxRetries = 0 }, { prompt, image, hasTools, signal }) {
    const adapter = createOpenaiChat('gpt-5', apiKey, { baseURL, fetch, maxRetries })
    const abortController = new AbortController()
    signal?.addEventListener('abort', () => abortController.abort(signal.reason), { once: true })
    const content = [
      { type: 'text' as const, content: prompt },
      ...(image === undefined
        ? []
        : [{ type: 'image' as const, source: { type: 'url' as const, value: image } }]),
    ]
    let text = ''
    const chunks = tanstack.chat({
      adapter,
      abortController,
      messages: [{ role: 'user', content }] as never,
      tools: hasTools
        ? [tanstack.toolDefinition({ ...WEATHER, inputSchema: city }).server(weather as never)]
        : [],
    })
    for await (const chunk of chunks as AsyncIterable<any>) {
      if (chunk.type === 'RUN_ERROR')
        throw Object.assign(new Error(chunk.message ?? chunk.error?.message), chunk)
      if (chunk.type === 'TEXT_MESSAGE_CONTENT') text += chunk.delta
    }
    return text
  },
}

/** The AI SDK, two majors of it. */
async function aiSdk(version: 6 | 7): Promise<Client> {
  const ai: any = version === 6 ? await import('ai-6') : await import('ai')
  const { createOpenAI }: any =
    version === 6 ? await import('@ai-sdk/openai-3') : await import('@ai-sdk/openai')
  const settings = ({ maxRetries = 0, ...target }: Target) => ({
    model: createOpenAI(target).responses('gpt-5'),
    maxRetries,
  })
  return {
    name: `ai ${version}`,
    async ask(target, { prompt, isStream, image, hasTools, signal }) {
      const tool = { description: WEATHER.description, inputSchema: city, execute: weather }
      const parts = [
        { type: 'text', text: prompt },
        ...(image === undefined ? [] : [{ type: 'image', image }]),
      ]
      const call = {
        ...settings(target),
        messages: [{ role: 'user', content: parts }],
        abortSignal: signal,
        ...(hasTools === true && { tools: { weather: ai.tool(tool) }, stopWhen: ai.stepCountIs(5) }),
      }
      if (!isStream) return (await ai.generateText(call)).text
      let failure: unknown
      let text = ''
      const result = ai.streamText({ ...call, onError: ({ error }: any) => (failure ??= error) })
      for await (const part of result.fullStream) {
        if (part.type === 'text-delta') text += part.text
        if (part.type === 'tool-call') text = ''
        if (part.type === 'abort') throw signal?.reason
      }
      if (failure !== undefined) throw failure
      return text
    },
    async object(target, prompt) {
      return (await ai.generateObject({ ...settings(target), prompt, schema: city })).object
    },
  }
}

/** Every client that can run on this Node. `ai` 7 asks for 22: where it does not load it is left out, with words. */
export async function clients(): Promise<Client[]> {
  const sdks = await Promise.allSettled([aiSdk(6), aiSdk(7)])
  for (const sdk of sdks) {
    if (sdk.status === 'rejected') process.stderr.write(`A client was left out: ${String(sdk.reason)}\n`)
  }
  const loaded = sdks.flatMap((sdk) => (sdk.status === 'fulfilled' ? [sdk.value] : []))
  return [openai, ...loaded, agents, langchain, tanStack]
}

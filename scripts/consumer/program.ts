// What a user of the package writes: all three entry points, on the local server.
import { once } from 'node:events'
import { createActor, waitFor } from 'xstate'
import {
  OpenAIWebSocketManager,
  ResponsesConnection,
  Secret,
  connectionMachine,
  isHoldlineError,
  type ServerEvent,
} from 'holdline'
import { CONNECTION_DEFAULTS, backoffDelayMs, connectionChart } from 'holdline/machines'
import { createResponsesServer } from 'holdline/testing'
import { setup } from 'xstate'

/** Declarations of a library that is built on this package can name all that they are made of. */
export const machine = setup({
  actors: { connection: connectionMachine, bare: connectionChart },
}).createMachine({
  invoke: { src: 'connection', input: {} },
})
export const open = (): ResponsesConnection => new ResponsesConnection({})
export const conversation = () => open().conversation({ model: 'm' })
export const turn = () => conversation().respond('hi')

const retries: number = CONNECTION_DEFAULTS.maxRetries
const delayMs: number = backoffDelayMs(1, { delaysMs: [10], jitter: 'none' }, () => 0)
if (retries !== 5 || delayMs !== 10) throw new Error('the defaults are not those of the package')

const server = await createResponsesServer({ turns: [{ text: 'one' }, { text: 'two' }] })
const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const

const connection = new ResponsesConnection({ url: server.url, apiKey: 'sk-test' })
let text = ''
connection.on('response.output_text.delta', (event) => (text += event.delta))
const done = new Promise<ServerEvent>((resolve) => connection.on('response.completed', resolve))
await connection.connect()
connection.send(create)
await done
if (text !== 'one') throw new Error(`heard ${text}`)
await connection[Symbol.asyncDispose]()

const actor = createActor(connectionMachine, { input: { url: server.url, apiKey: new Secret('sk-test') } })
actor.start()
actor.send({ type: 'connect' })
await waitFor(actor, (snapshot) => snapshot.matches('open'))
actor.stop()

const bare = createActor(connectionChart, { input: {} }).start()
bare.send({ type: 'connect' })
if (bare.getSnapshot().context.closedBecause !== 'ERR_NO_SOCKET')
  throw new Error('the bare chart has a socket')

const manager = new OpenAIWebSocketManager({ url: server.url })
await manager.connect('sk-test')
const message = once(manager, 'message')
manager.send(create)
await message
await manager[Symbol.asyncDispose]()

try {
  await new ResponsesConnection({ maxRetries: -1 }).connect()
} catch (error) {
  if (!isHoldlineError(error) || error.code !== 'ERR_BAD_OPTION') throw error
}
await server.close()

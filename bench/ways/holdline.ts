import { createActor, waitFor } from 'xstate'
import { ResponsesConnection, Secret, connectionMachine } from '../../src/index.ts'
import { CREATE, type OpenTalker, Wait } from './talker.ts'

const KEY = 'sk-bench'

export async function openConnection(url: string): Promise<ResponsesConnection> {
  const connection = new ResponsesConnection({ url, apiKey: KEY })
  await connection.connect()
  return connection
}

/** Callbacks of the class. */
export const onClass: OpenTalker = async ({ url }, heard) => {
  const end = new Wait()
  const connection = await openConnection(url)
  connection.on('response.output_text.delta', (event) => heard(event.delta))
  connection.on('response.completed', end.done)
  return { turn: () => end.begin(() => connection.send(CREATE)), close: () => connection.stop() }
}

/** Callbacks of the machine's actor, without the class. */
export const onActor: OpenTalker = async ({ url }, heard) => {
  const end = new Wait()
  const actor = createActor(connectionMachine, { input: { url, apiKey: new Secret(KEY) } })
  actor.on('response.output_text.delta', (event) => heard(event.delta))
  actor.on('response.completed', end.done)
  actor.start()
  actor.send({ type: 'connect' })
  await waitFor(actor, (snapshot) => snapshot.matches('open'))
  return {
    turn: () => end.begin(() => actor.send({ type: 'send', event: CREATE })),
    close: () => void actor.stop(),
  }
}

/** A conversation's turn, read event by event. */
export const iterator: OpenTalker = async ({ url }, heard) => {
  const connection = await openConnection(url)
  const conversation = connection.conversation({ model: 'm' })
  return {
    turn: async () => {
      for await (const event of conversation.respond('Go on.')) {
        if (event.type === 'response.output_text.delta') heard(event.delta)
      }
    },
    close: () => connection.stop(),
  }
}

/** A conversation's turn, of which only the response is waited for. */
export const finalOnly: OpenTalker = async ({ url }) => {
  const connection = await openConnection(url)
  const conversation = connection.conversation({ model: 'm' })
  return {
    turn: async () => void (await conversation.respond('Go on.').response),
    close: () => connection.stop(),
  }
}

import { Secret, connectionMachine, makeSafe } from 'holdline'
import { createResponsesServer } from 'holdline/testing'
import { createActor, sendTo, setup, spawnChild, toPromise, waitFor } from 'xstate'

const server = await createResponsesServer({ turns: [{ text: 'Hello from a machine in a machine.\n' }] })

const app = setup({
  actors: { connection: connectionMachine },
}).createMachine({
  initial: 'talking',
  states: {
    talking: {
      entry: [
        spawnChild('connection', { id: 'line', input: { url: server.url, apiKey: new Secret('any-key') } }),
        sendTo('line', { type: 'connect' }),
      ],
      on: {
        ask: {
          actions: sendTo('line', ({ event }) => ({
            type: 'send',
            event: { type: 'response.create', model: 'gpt-5.4', input: event.text },
          })),
        },
        answered: 'done',
      },
    },
    // A machine that is done stops its children: the connection goes with it.
    done: { type: 'final' },
  },
})

// An error in your own machine would leave its connection running; makeSafe stops it first.
const actor = createActor(makeSafe(app)).start()
const { line } = actor.getSnapshot().children

line.on('response.output_text.delta', (event) => process.stdout.write(event.delta))
line.on('response.completed', () => actor.send({ type: 'answered' }))
await waitFor(line, (snapshot) => snapshot.matches('open'))
actor.send({ type: 'ask', text: 'Say hello.' })
await toPromise(actor)
await server.close()

import { expect, it, onTestFinished } from 'vitest'
import { createActor, waitFor } from 'xstate'
import { connectionMachine } from '../../../src/client/connection-machine.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { createResponsesServer } from '../../../src/testing/index.ts'
import { inspector, view } from '../harness.ts'

const FRAMES = 100_000
const TURNS = 10
const ROUNDS = 7

/** Time in ms that a run of 100,000 frames takes, CPU of server and client together. */
async function run(url: string, inspect: Parameters<typeof createActor>[1] = {}): Promise<number> {
  const actor = createActor(connectionMachine, {
    ...inspect,
    input: { url, apiKey: new Secret('k') },
  } as never).start()
  actor.send({ type: 'connect' })
  await waitFor(actor, (snapshot) => snapshot.matches('open'))
  let deltas = 0
  const start = process.cpuUsage()
  for (let turn = 0; turn < TURNS; turn += 1) {
    const completed = new Promise((resolve) => {
      actor.on('response.completed', resolve)
    })
    const counting = actor.on('response.output_text.delta', () => (deltas += 1))
    actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'go', store: false } })
    await completed
    counting.unsubscribe()
  }
  const { user, system } = process.cpuUsage(start)
  actor.stop()
  expect(deltas).toBe(FRAMES)
  return (user + system) / 1000
}

it('with the inspector attached and read, 100,000 frames take at most 1.15 of the time', async () => {
  const text = Array.from({ length: FRAMES / TURNS }, (_, index) => `word ${index} `)
  const server = await createResponsesServer({ apiKey: 'k', model: () => ({ text }) })
  onTestFinished(() => server.close())
  const plain: number[] = []
  const watched: number[] = []
  await run(server.url)
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(await run(server.url))
    const watch = await inspector()
    const { entries, socket } = await view(watch.url)
    watched.push(await run(server.url, { inspect: watch.inspect }))
    await expect.poll(() => entries().filter(({ kind }) => kind === 'frame').length).toBeGreaterThan(TURNS)
    socket.terminate()
    await watch.close()
  }
  // The best of each: what else the machine does can only add.
  const [without, withIt] = [Math.min(...plain), Math.min(...watched)]
  const ratio = withIt / without
  process.stdout.write(`without ${without} ms, with ${withIt} ms, ratio ${ratio.toFixed(3)}\n`)
  expect(ratio).toBeLessThanOrEqual(1.15)
}, 300_000)

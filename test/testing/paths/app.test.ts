import { type AnyActorLogic, createActor, sendTo, setup } from 'xstate'
import { describe, expect, test } from 'vitest'
import { connectionMachine } from '../../../src/client/connection-machine.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { FakeWorld, TEST_KEY, type World, createWorld } from '../../../src/testing/index.ts'
import { type AppStep, type Explorable, agreeInStates, appIn } from '../../../src/testing/model-testing.ts'

/** An app that connects when it is told to, and has a rule that says no. */
const app = setup({
  actors: { line: connectionMachine },
  types: { input: {} as { url: string }, context: {} as { url: string } },
}).createMachine({
  id: 'app',
  context: ({ input }) => input,
  invoke: {
    id: 'line',
    src: 'line',
    input: ({ context }) => ({ apiKey: new Secret(TEST_KEY), url: context.url, maxRetries: 5 }),
  },
  initial: 'off',
  states: {
    off: { on: { START: { target: 'on', actions: sendTo('line', { type: 'connect' }) } } },
    on: { on: { NEVER: { guard: () => false, target: 'off' }, 'user.*': { target: 'on' } } },
  },
})

const START = { send: { type: 'START' } }

function run(world: World | FakeWorld, machine: AnyActorLogic): Explorable<AppStep> {
  return appIn(world, createActor(machine, { clock: world.clock, input: { url: world.url } }).start())
}
function pretend(): Explorable<AppStep> {
  const world = new FakeWorld()
  return run(world, app.provide({ actors: { line: world.connection } }))
}
async function real(): Promise<Explorable<AppStep>> {
  return run(await createWorld(), app)
}

/** Paths whose last step cannot do anything. */
const IMPOSSIBLE: readonly (readonly [string, readonly unknown[]])[] = [
  ['an answer while nobody dials', [{ do: 'accept' }]],
  ['a second answer', [START, { do: 'accept' }, { do: 'refuse', status: 503 }]],
  ['a cut of nothing', [{ do: 'cut' }]],
  ['a close frame on a line that is not open', [START, { do: 'hang-up', code: 1000 }]],
  ['a message on a frozen line', [START, { do: 'accept' }, { do: 'freeze' }, { do: 'say' }]],
  ['a thaw of what is not frozen', [START, { do: 'accept' }, { do: 'thaw' }]],
  ['time until nothing', [{ do: 'next' }]],
  ['a step that there is not', [START, { do: 'acept' }]],
  ['a command of the connection', [START, { do: 'connect' }]],
  ['an event that there is not', [START, { send: { type: 'STRAT' } }]],
  ['an event that only another state knows', [START, START]],
]

describe('a path of an app', () => {
  test.each(IMPOSSIBLE)('with %s is refused, and says where', async (_, steps) => {
    const running = agreeInStates(pretend(), pretend(), steps as AppStep[])
    await expect(running).rejects.toMatchObject({ code: 'ERR_IMPOSSIBLE_STEP', index: steps.length - 1 })
  })

  test.each(IMPOSSIBLE)('with %s is refused on real sockets too', async (_, steps) => {
    const running = agreeInStates(await real(), pretend(), steps as AppStep[])
    await expect(running).rejects.toMatchObject({ code: 'ERR_IMPOSSIBLE_STEP', index: steps.length - 1 })
  })

  test('may hold everything that can be, and an event that a guard says no to', async () => {
    const steps: AppStep[] = [
      START,
      { send: { type: 'NEVER' } },
      { send: { type: 'user.waves' } },
      { do: 'refuse', status: 503 },
      // The shortest time between two dials, and the rest of the wait.
      { do: 'next' },
      { do: 'next' },
      { do: 'accept' },
      { do: 'say' },
      { do: 'freeze' },
      { do: 'thaw' },
      { do: 'wait', ms: 5 },
      { do: 'hang-up', code: 1012 },
      { do: 'next' },
      { do: 'next' },
      { do: 'cut' },
    ]
    await expect(agreeInStates(pretend(), await real(), steps)).resolves.toBeUndefined()
  })
})

import { test } from 'node:test'
import { Secret } from 'holdline'
import { agreeInStates, appIn, generatePaths } from 'holdline/model-testing'
import { FakeWorld, TEST_KEY, createWorld } from 'holdline/testing'
import { createActor } from 'xstate'
import { appMachine } from './app.mjs'

/** What the user does, and what happens to the line. */
const steps = [
  { send: { type: 'START' } },
  { send: { type: 'STOP' } },
  { do: 'accept' },
  { do: 'refuse', status: 426 },
  { do: 'cut' },
  { do: 'next' },
]

const run = (world, machine, inspect) => {
  const input = { apiKey: new Secret(TEST_KEY), url: world.url, maxRetries: 1, pingIntervalMs: false }
  return appIn(world, createActor(machine, { clock: world.clock, inspect, input }).start())
}
const pretend = (inspect) => {
  const world = new FakeWorld()
  return run(world, appMachine.provide({ actors: { line: world.connection } }), inspect)
}

const explore = () => ({ machine: appMachine, begin: pretend, steps })
const { paths } = await generatePaths({ machine: appMachine, profiles: { all: {} }, explore })

for (const path of paths) {
  void test(path.goal, async () => agreeInStates(pretend(), run(await createWorld(), appMachine), path.steps))
}

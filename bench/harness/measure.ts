import { fileURLToPath } from 'node:url'
import { Child } from './messages.ts'
import type { Plan, Sample, Scenario, ServerAddress } from './scenario.ts'

const WAY = fileURLToPath(new URL('way.js', import.meta.url))

/** What the rounds of a scenario gave, by way, in their order. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

/**
 * Runs a scenario: each way in a process of its own, in turn and round by round, so that what disturbs the machine
 * disturbs all of them. Another way begins each round, so that none always follows the same.
 */
export async function measure(scenario: Scenario, plan: Plan, server: ServerAddress): Promise<Samples> {
  const samples = new Map(scenario.ways.map((way) => [way, [] as Sample[]]))
  const { fresh = false, together = false } = scenario.processes ?? {}
  const begin = async (way: string): Promise<Child> => {
    const child = new Child(WAY, [scenario.name, way, JSON.stringify(server), JSON.stringify(plan.size)])
    await child.ask('open')
    return child
  }
  const kept = new Map<string, Child>()
  const once = async (way: string, counts: boolean): Promise<void> => {
    const child = kept.get(way) ?? (await begin(way))
    if (!fresh) kept.set(way, child)
    try {
      const sample = await child.ask<Sample>('round')
      if (counts) samples.get(way)?.push(sample)
    } finally {
      if (fresh) child.stop()
    }
  }
  try {
    for (let round = -plan.warmUps; round < plan.rounds; round += 1) {
      const at = (round + plan.warmUps) % scenario.ways.length
      const order = [...scenario.ways.slice(at), ...scenario.ways.slice(0, at)]
      if (together) await Promise.all(order.map((way) => once(way, round >= 0)))
      else for (const way of order) await once(way, round >= 0)
    }
  } finally {
    for (const child of kept.values()) child.stop()
  }
  return samples
}

import type { Sample } from './scenario.ts'

/**
 * CPU time of this process and wall time while something runs, in µs. The user time is what is compared: system time
 * flatters the slow, who find more in the buffer and read less often.
 */
export async function timed(work: () => Promise<void>): Promise<{ user: number; cpu: number; wall: number }> {
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { user, cpu: user + system, wall: (performance.now() - start) * 1000 }
}

/** The same for each of `count` things. */
export async function timedEach(count: number, work: () => Promise<void>): Promise<Sample> {
  const { user, cpu, wall } = await timed(work)
  return { user: user / count, cpu: cpu / count, wall: wall / count }
}

/** Resident memory in bytes, after what is not needed was collected. */
export async function memoryInUse(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage.rss()
}

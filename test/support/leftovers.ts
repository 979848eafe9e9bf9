import { afterAll } from 'vitest'
import { leftBehind, sayWhatIsLeft } from './active-resources.ts'

/** How long sockets in their last handshake, and processes on their way out, may take. */
const PATIENCE_MS = 1_000

// Taken now: a test file may put fake timers in their place and not take them away again.
const { setImmediate, setTimeout } = globalThis

// Timers that run at this moment are the runner's own. They pass, and must not make up for one of a test's.
const before = process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout')

// Registered first, so it runs last of all hooks of a test file.
afterAll(async () => {
  const deadline = performance.now() + PATIENCE_MS
  let left = leftBehind(before, process.getActiveResourcesInfo())
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 5))
    left = leftBehind(before, process.getActiveResourcesInfo())
  }
  if (left.length > 0) throw new Error(sayWhatIsLeft(left))
}, PATIENCE_MS * 10)

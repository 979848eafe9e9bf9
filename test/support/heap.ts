import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of the heap that are still in use when everything else was collected. */
export function usedHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Finalizers run in between, and let go of more.
  for (let round = 0; round < 3; round += 1) collect()
  return process.memoryUsage().heapUsed
}

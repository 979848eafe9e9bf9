import type { ServerEvent } from '../../src/protocol/index.ts'

/** Reads a turn as far as the first event of a type, and goes on reading no further: the turn goes on. */
export async function untilEvent(turn: AsyncIterable<ServerEvent>, type: ServerEvent['type']): Promise<void> {
  const events = turn[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await events.next()
    if (done === true || value.type === type) return
  }
}

import { expect, it } from 'vitest'
import { usedHeap } from '../../support/heap.ts'
import { rest, talk } from './harness.ts'

const TURNS = 1_000
/** Where the heap is first measured: caches are warm, and the server's logs are full. */
const WARM = 300
/** Events of one turn: kept, they would weigh ten times what is allowed. */
const DELTAS = 40

it('a conversation of a thousand turns sends only what is new, and keeps only its history', async () => {
  const word = 'a word of an answer'
  const { conversation, server, clock } = await talk({
    server: {
      logLimit: 200,
      keepFrames: false,
      default: { text: Array.from({ length: DELTAS }, () => word) },
    },
  })
  const sizes: number[] = []
  let warm = 0
  for (let count = 1; count <= TURNS; count += 1) {
    const turn = conversation.respond(`question ${String(count).padStart(6, '0')}`)
    await rest()
    expect(turn.outcome).toBe('completed')
    sizes.push(server.transcript().findLast(({ type }) => type === 'response.create')?.bytes ?? 0)
    if (count === WARM) warm = usedHeap()
  }
  const grown = (usedHeap() - warm) / (TURNS - WARM)

  expect(conversation.history).toHaveLength(2 * TURNS)
  expect(server.creates()).toBe(TURNS)
  expect(server.connections()).toHaveLength(1)
  expect(clock.now()).toBe(0)
  // As large as the second, which is the first that continues one: only the server's ids get longer by a digit.
  expect(Math.max(...sizes)).toBeLessThanOrEqual((sizes[1] ?? 0) + String(TURNS).length)
  expect(sizes[1]).toBeLessThan(400)
  // The server is in this process, and holds the chain once more.
  const historyOfTurn = JSON.stringify(conversation.history.slice(-2)).length
  expect(grown).toBeLessThan(2 * historyOfTurn + 4_000)
}, 60_000)

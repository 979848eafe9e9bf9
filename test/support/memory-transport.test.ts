import { expect, it } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { SimulatedClock, settle } from '../../src/testing/index.ts'
import { createMemoryServer } from './memory-transport.ts'
it('x', async () => {
  for (const n of [1, 50, 500]) {
    const t = performance.now()
    for (let i = 0; i < n; i++) {
      const clock = new SimulatedClock({ settle: () => settle(2) })
      const { server, socketFactory } = await createMemoryServer({ clock, keepFrames: true })
      const connection = new ResponsesConnection({
        url: server.url,
        clock,
        socketFactory,
        jitter: 'none',
        apiKey: 'k',
      })
      const conversation = connection.conversation({ model: 'm' })
      await conversation.respond('hi').response
      await conversation.respond('hi').response
      await connection.close()
      connection.stop()
      await server.close()
      if (i === 0) {
        let k = 0
        while (server.connections().some((c) => c.open)) {
          k++
          await settle(1)
        }
        console.log('loops', k, clock.pending().length)
      }
    }
    console.log(n, (performance.now() - t) / n)
  }
  expect(1).toBe(1)
})

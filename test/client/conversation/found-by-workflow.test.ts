import { expect, it } from 'vitest'
import { startConnection, startServer, until } from '../harness.ts'

it('closes the connection that it left by a handshake', async () => {
  const server = await startServer()
  const { connection, clock } = startConnection(server, {
    maxAgeMs: 60_000,
    turnBudgetMs: 10_000,
    pingIntervalMs: false,
  })
  const conversation = connection.conversation({ model: 'm' })
  await conversation.respond('first').response
  await clock.advance(50_000)
  await until(() => server.connections().length === 2)
  await until(() => server.connections()[0]?.closeCode != null)
  expect(server.connections()[0]?.closeCode).toBe(1000)
})

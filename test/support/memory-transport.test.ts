import { expect, it } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { SimulatedClock, settle } from '../../src/testing/index.ts'
import { createMemoryServer } from './memory-transport.ts'

it('carries a whole connection, and its end reaches the other side', async () => {
  const clock = new SimulatedClock()
  const { server, socketFactory } = await createMemoryServer({ clock })
  const other = await createMemoryServer({ clock })
  const connection = new ResponsesConnection({ url: server.url, apiKey: 'k', clock, socketFactory })
  expect((await connection.conversation({ model: 'm' }).respond('hi').response).status).toBe('completed')
  expect(other.server.connections()).toEqual([])
  connection.stop()
  await settle(4)
  expect(server.connections().map(({ open, closeCode }) => [open, closeCode])).toEqual([[false, 1006]])
  await Promise.all([server.close(), other.server.close()])
  expect(clock.pending()).toEqual([])
})

it('carries a drop the other way', async () => {
  const clock = new SimulatedClock()
  const { server, socketFactory } = await createMemoryServer({ clock })
  const connection = new ResponsesConnection({ url: server.url, apiKey: 'k', clock, socketFactory })
  await connection.connect()
  server.dropAll()
  await settle(4)
  expect(connection.lastCloseInfo).toMatchObject({ code: 1006 })
  connection.stop()
  await server.close()
})

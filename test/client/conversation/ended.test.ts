import { expect, it } from 'vitest'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'

// What is asked of a conversation that has ended: nothing is sent, and the caller is told at once.

const ENDED: Readonly<Record<string, (connection: ResponsesConnection, conversation: Conversation) => void>> =
  {
    'was closed': (_connection, conversation) => conversation.close(),
    'has lost its connection': (connection) => connection.stop(),
  }

it.each(Object.keys(ENDED))('a conversation that %s starts nothing', async (how) => {
  const connection = new ResponsesConnection({ url: 'ws://127.0.0.1:1/v1/responses', apiKey: 'sk-planted' })
  const conversation = connection.conversation({ model: 'gpt-6-astra' })
  ENDED[how]?.(connection, conversation)
  expect(() => conversation.respond('hi')).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  const { signal } = new AbortController()
  await expect(conversation.warmUp({ signal })).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  connection.stop()
  expect(() => conversation.fork()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
})

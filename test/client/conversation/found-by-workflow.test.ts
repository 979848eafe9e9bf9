import { expect, it } from 'vitest'
import type { Turn } from '../../../src/testing/index.ts'
import { startConnection, startServer } from '../harness.ts'
import { untilEvent } from '../../support/until-event.ts'

/** The server reads nothing once the response has begun, and hears of the steer when it is over. */
const deaf: Turn = {
  text: 'long answer',
  faults: [
    { at: 'created', do: 'stop-reading', ms: 200 },
    { at: 'created', do: 'delay', ms: 30 },
  ],
}

async function steered(then: 'wait' | 'cancel') {
  const server = await startServer({ turns: [deaf] })
  const { connection } = startConnection(server)
  const conversation = connection.conversation({ model: 'gpt-6-astra' })
  const turn = conversation.respond('tell me all')
  await untilEvent(turn, 'response.created')
  const steer = turn.steer('shorter')
  if (then === 'cancel') turn.cancel()
  await turn.response.catch(() => {})
  return steer
}

it('settles a steer that reaches the server after the response has ended', async () => {
  const steer = await steered('wait')
  expect(await steer.result).toMatchObject({ outcome: 'failed', code: 'response_already_completed' })
})

it('settles a steer whose turn was cancelled before the server had answered it', async () => {
  const steer = await steered('cancel')
  expect(await steer.result).toMatchObject({ outcome: 'unknown' })
})

import { describe, expect, it } from 'vitest'
import { type Chain, type Sending, planSending } from '../../../machines/conversation/chain.ts'

const chain: Chain = {
  responseId: 'resp_1',
  connectionKey: 'connection-1',
  lane: 'main',
  laneSerial: 0,
  stored: false,
  length: 3,
  model: 'm',
  isForked: false,
}
const sending: Sending = {
  connectionKey: 'connection-1',
  lane: 'main',
  laneSerial: 0,
  model: 'm',
  length: 4,
  taken: 0,
}

describe('planSending', () => {
  it('sends only what is new, when all is as it was', () => {
    expect(planSending(chain, sending)).toEqual({ kind: 'delta', previousResponseId: 'resp_1', from: 3 })
  })

  it.each([
    ['no-chain', null, {}],
    ['other-model', {}, { model: 'n' }],
    ['nothing-new', {}, { length: 3 }],
    ['other-connection', {}, { connectionKey: 'connection-2' }],
    ['other-lane', {}, { lane: null }],
    ['other-lane', {}, { laneSerial: 1 }],
    ['other-model', { stored: true }, { model: 'n' }],
  ] as const)('sends everything: %s', (reason, of, at) => {
    const plan = planSending(of === null ? null : { ...chain, ...of }, { ...sending, ...at })
    expect(plan).toEqual({ kind: 'full', reason, from: 0 })
  })

  it('leaves out what the server took as a steer, where it has it', () => {
    expect(planSending(chain, { ...sending, length: 6, taken: 2 })).toMatchObject({ kind: 'delta', from: 5 })
    expect(planSending(chain, { ...sending, length: 5, taken: 2 })).toMatchObject({ reason: 'nothing-new' })
    const elsewhere = { ...sending, connectionKey: 'connection-2', length: 6, taken: 2 }
    expect(planSending({ ...chain, stored: true }, elsewhere)).toMatchObject({ reason: 'other-connection' })
  })

  it('continues a fork from any lane of its connection, and of no other', () => {
    const forked = { ...chain, isForked: true }
    expect(planSending(forked, { ...sending, lane: 'critic', laneSerial: 3 }).kind).toBe('delta')
    expect(planSending(forked, { ...sending, connectionKey: 'connection-2' })).toMatchObject({ kind: 'full' })
  })

  it.each([{ connectionKey: 'connection-2' }, { lane: null }, { laneSerial: 7 }])(
    'continues a stored response from anywhere: %j',
    (at) => {
      expect(planSending({ ...chain, stored: true }, { ...sending, ...at }).kind).toBe('delta')
    },
  )
})

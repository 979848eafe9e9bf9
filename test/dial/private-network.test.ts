import { describe, expect, test } from 'vitest'
import { isLoopbackHost } from '../../src/dial/host-name.ts'
import { isGlobalAddress } from '../../src/dial/private-network.ts'
import { fakeDns } from './fake-dns.ts'
import { drive } from '../socket/harness.ts'
import { accept } from '../socket/server.ts'

describe('global addresses', () => {
  test.each(['8.8.8.8', '1.1.1.1', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s is one',
    (ip) => {
      expect(isGlobalAddress(ip)).toBe(true)
    },
  )
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '4000::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    'localhost',
    'example.com',
    '',
  ])('%s is none', (ip) => {
    expect(isGlobalAddress(ip)).toBe(false)
  })
  test.each([
    'localhost',
    'localhost.',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
  ])('%s is loopback', (host) => {
    expect(isLoopbackHost(host)).toBe(true)
  })
  test.each([
    'localhost.example.com',
    '127.0.0.1.example.com',
    '10.0.0.1',
    '[::2]',
    '[::]',
    '[::127.0.0.1]',
    '[::ffff:10.0.0.1]',
    '128.0.0.1',
    '0.0.0.0',
    'example.com',
  ])('%s is not loopback', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('allowPrivateNetwork: false', () => {
  const guarded = { allowPrivateNetwork: false, allowInsecure: true }

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:7f00:1]', '169.254.169.254'])(
    'refuses the literal %s before dialing',
    async (host) => {
      let dialed = 0
      const factory = () => {
        dialed += 1
        throw new Error('dialed')
      }
      const { loss } = await drive({ url: `ws://${host}:9/`, ...guarded }, { factory }).fact('socket.lost')
      expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_PRIVATE_ADDRESS', code: 1006 })
      expect(loss.reason).toContain('Nothing was dialed.')
      expect(dialed).toBe(0)
    },
  )

  test.each([[['127.0.0.1']], [['8.8.8.8', '127.0.0.1']], [['2001:4860:4860::8888', '::1']]])(
    'refuses a name with the addresses %j',
    async (addresses) => {
      let reached = 0
      const { port } = await accept(() => (reached += 1))
      fakeDns({ 'api.example.test': addresses })
      const run = drive({ url: `ws://api.example.test:${port}/`, ...guarded })
      const { loss } = await run.fact('socket.lost')
      expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_PRIVATE_ADDRESS' })
      expect(reached).toBe(0)
      expect(run.facts).toHaveLength(1)
    },
  )

  test('a name that does not resolve is an ordinary failure', async () => {
    fakeDns({})
    const { loss } = await drive({ url: 'ws://api.example.test/', ...guarded }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_DIAL_FAILED', errno: 'ENOTFOUND' })
  })

  test('without it a private address is dialed', async () => {
    const { port } = await accept()
    fakeDns({ 'api.example.test': ['127.0.0.1'] })
    const url = `ws://api.example.test:${port}/`
    const run = drive({ url, allowPrivateNetwork: true, allowInsecure: true })
    await expect(run.fact('socket.opened')).resolves.toBeDefined()
  })
})

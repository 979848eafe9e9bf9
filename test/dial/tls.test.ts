import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts'
import { runChild } from '../socket/child.ts'
import { deferred, drive } from '../socket/harness.ts'
import { accept } from '../socket/server.ts'

describe.skipIf(!hasOpenssl())('TLS', () => {
  let made: Certificates
  beforeAll(() => void (made = makeCertificates()))
  afterAll(() => made.remove())

  test('a server whose authority is named is trusted', async () => {
    const { url } = await accept(undefined, { tls: made.server })
    await expect(drive({ url, tls: { ca: made.ca } }).fact('socket.opened')).resolves.toBeDefined()
  })

  test.each([
    ['unknown authority', () => made.server, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['its own authority', () => made.stranger, {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another name', () => made.named, { ca: 'ca' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'a name that was asked for and is another',
      () => made.server,
      { ca: 'ca', serverName: 'other.test' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      'an IP that was asked for and is another',
      () => made.server,
      { ca: 'ca', serverName: '127.0.0.9' },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['an expired one', () => made.expired, { ca: 'ca' }, 'CERT_HAS_EXPIRED'],
  ] as const)('a certificate of %s is refused', async (_name, pair, tls, errno) => {
    const { url } = await accept(undefined, { tls: pair() })
    const run = drive({ url, tls: { ...tls, ...('ca' in tls ? { ca: made.ca } : {}) } })
    const { loss } = await run.fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_CERTIFICATE', errno, heard: false })
  })

  test('the name to ask for may differ from the host', async () => {
    const asked = deferred<unknown>()
    const { url } = await accept(
      (_peer, request) => asked.resolve((request.socket as TLSSocket).servername),
      {
        tls: made.named,
      },
    )
    await drive({ url, tls: { ca: made.ca, serverName: 'api.example.test' } }).fact('socket.opened')
    expect(await asked.promise).toBe('api.example.test')
  })

  test('shows a client certificate', async () => {
    const subject = deferred<unknown>()
    const { url } = await accept(
      (_peer, request) => subject.resolve((request.socket as TLSSocket).getPeerCertificate().subject.CN),
      { tls: { ...made.server, ca: made.ca, requestCert: true } },
    )
    await drive({ url, tls: { ca: made.ca, ...made.client } }).fact('socket.opened')
    expect(await subject.promise).toBe('client')
  })

  test('a server that wants a client certificate ends the dial', async () => {
    const { url } = await accept(undefined, { tls: { ...made.server, ca: made.ca, requestCert: true } })
    const { loss } = await drive({ url, tls: { ca: made.ca } }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'dial', error: 'ERR_CERTIFICATE' })
  })

  test.each([
    ['no PEM', 'tls.ca', { ca: 'nonsense', key: 'secret-key-text' }],
    ['no certificate', 'tls.cert', () => ({ cert: made.client.key })],
    ['no key', 'tls.key', () => ({ cert: made.client.cert, key: 'secret-key-text' })],
    ['a key without its certificate', 'tls', () => ({ key: made.client.key, cert: made.stranger.cert })],
  ])('%s is a bad option, and is not shown', async (_name, path, given) => {
    const tls = typeof given === 'function' ? given() : given
    const { loss } = await drive({ url: 'wss://127.0.0.1:1/', tls }).fact('socket.lost')
    expect(loss).toMatchObject({ phase: 'credential', error: 'ERR_BAD_OPTION' })
    expect(loss.reason).toContain(`Option "${path}" holds `)
    expect(loss.reason).not.toContain('secret-key-text')
    const make = () => new ResponsesConnection({ url: 'wss://127.0.0.1:1/', request: { tls } })
    expect(make).toThrow(expect.objectContaining({ path: `request.${path}` }))
  })

  test('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing', async () => {
    const { url } = await accept(undefined, { tls: made.server })
    const { output } = await runChild('dial.ts', { URL: url, NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(output).toContain('"error":"ERR_CERTIFICATE"')
    expect(output).not.toContain('socket.opened')
  })

  test('NODE_EXTRA_CA_CERTS is honoured', async () => {
    const { url } = await accept(undefined, { tls: made.server })
    const { output } = await runChild('dial.ts', { URL: url, NODE_EXTRA_CA_CERTS: made.caPath })
    expect(output).toContain('socket.opened')
  })
})

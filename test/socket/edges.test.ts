import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { SocketFactory } from '../../src/socket/index.ts'
import { MAX_UNSETTLED_TURNS } from '../../src/socket/unsettled-turns.ts'
import { drive } from './harness.ts'
import { accept } from './server.ts'

// Corners of the socket actor that no peer leads to in the ordinary course of things.

test('input that is none of ours is a loss, and the parent lives', async () => {
  const run = drive({ url: 'ws://127.0.0.1:1/' }, { input: { owner: null } })
  const { loss, connectionId } = await run.fact('socket.lost')
  expect(connectionId).toBe(7)
  expect(loss).toMatchObject({ error: 'ERR_CHART_FAILED', phase: 'credential' })
  expect(run.parent.getSnapshot().status).toBe('active')
})

test('turns without an end have a limit, and what settles makes room', async () => {
  const peers: WebSocket[] = []
  const { url } = await accept((peer) => peers.push(peer))
  const run = drive({ url })
  await run.fact('socket.opened')
  const create = { type: 'response.create', model: 'm', input: 'hi' } as const
  for (let turn = 0; turn < MAX_UNSETTLED_TURNS; turn += 1) run.handle.send(create)
  expect(() => run.handle.send(create)).toThrow(expect.objectContaining({ code: 'ERR_BACKPRESSURE' }))
  // Steering starts no turn.
  expect(() =>
    run.handle.send({ type: 'response.steer', previous_response_id: 'r', input: 'go' } as never),
  ).not.toThrow()
  peers[0]?.send(JSON.stringify({ type: 'error', status: 400, error: { code: 'bad', message: 'no' } }))
  await run.heard('error')
  expect(() => run.handle.send(create)).not.toThrow()
})

test('a probe of a peer that has closed and kept the line ends it', async () => {
  const { url } = await accept()
  const sockets: WebSocket[] = []
  const factory: SocketFactory = (target, options) => {
    const socket = new WebSocket(target, options)
    sockets.push(socket)
    return socket
  }
  const run = drive({ url }, { factory })
  await run.fact('socket.opened')
  // The close frame went out, and the answer is not read: `ws` waits for the end of the TCP connection.
  sockets[0]?.pause()
  sockets[0]?.close(1000)
  expect(sockets[0]?.readyState).toBe(WebSocket.CLOSING)
  run.send({ type: 'probe' })
  expect((await run.fact('socket.lost')).loss.code).toBe(1006)
})

test('a key in the query is scrubbed from what a server says', async () => {
  const { url } = await accept((peer, request) => peer.close(4000, request.url?.slice(-60)))
  const run = drive({ url: `${url}?api-key=planted-in-the-url` })
  const { loss } = await run.fact('socket.lost')
  expect(loss.reason).toContain('api-key=[redacted]')
})

test('commands to a socket that has ended do nothing', async () => {
  const { url } = await accept((peer) => peer.close(1012))
  const run = drive({ url })
  await run.fact('socket.lost')
  run.send({ type: 'probe' })
  run.send({ type: 'close', code: 1000, reason: '' })
  run.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
  expect(await run.heard('send.refused')).toMatchObject({ code: 'ERR_NOT_OPEN' })
  expect(run.facts.map(({ type }) => type)).toEqual(['socket.opened', 'socket.lost'])
})

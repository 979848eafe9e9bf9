import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { Secret } from '../../../src/protocol/secret.ts'
import { startParent } from './parent.ts'

/** Ends attempts at every moment before they open, in every way. Prints `survived` when nothing is left. */
const silent = createServer((socket) => socket.on('error', () => {}).resume())
await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
const { port } = silent.address() as AddressInfo
const url = `ws://127.0.0.1:${port}/`
const proxy = { mode: 'explicit-proxy', url: `http://user:pass@127.0.0.1:${port}` }
/** What is still to come: the later ends, and the keys that come after them. */
const pending: Promise<unknown>[] = []
const inTime = (ms: number): Promise<void> => {
  const time = after(ms)
  pending.push(time)
  return time
}
const lateKey = () => inTime(30).then(() => new Secret('late'))
const brokenKey = () => inTime(30).then(() => Promise.reject(new Error('late')))

const ways: ((run: ReturnType<typeof startParent>) => void)[] = [
  (run) => run.hangUp(),
  (run) => void run.parent.stop(),
  (run) => run.socket.send({ type: 'close', code: 1000, reason: '' }),
  (run) => {
    run.socket.send({ type: 'close', code: 1000, reason: '' })
    run.hangUp()
  },
]
const options = [
  { url },
  { url: 'ws://127.0.0.1:1/' },
  { url: 'ws://name.invalid/', allowInsecure: true },
  { url: url.replace('ws:', 'wss:') },
  { url, proxy },
  { url: 'wss://example.test/', proxy },
  { url, credential: lateKey },
  { url, credential: brokenKey },
]
for (const given of options) {
  for (const end of ways) {
    end(startParent(given, () => {}))
    for (const delayMs of [0, 5, 20]) {
      const run = startParent(given, () => {})
      void inTime(delayMs).then(() => end(run))
    }
    const run = startParent(given, () => {})
    await Promise.resolve()
    end(run)
  }
}
for (const each of pending) await each
// A server takes connections in their order: when it has this one, it has all that an attempt has made.
const last = connect(port, '127.0.0.1')
await new Promise<void>((resolve) => {
  silent.on('connection', ({ remotePort }) => void (remotePort === last.localPort && resolve()))
})
last.destroy()
// Without open connections a server closes at once; one that an attempt left behind would keep it.
silent.close(() => console.log('survived'))

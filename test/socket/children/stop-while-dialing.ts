import { type AddressInfo, createServer } from 'node:net'
import { Secret } from '../../../src/protocol/secret.ts'
import { startParent } from './parent.ts'

/** Ends attempts at every moment before they open, in every way. Prints `survived` when nothing is left. */
const silent = createServer((socket) => socket.on('error', () => {}).resume())
await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
const { port } = silent.address() as AddressInfo
const url = `ws://127.0.0.1:${port}/`
const proxy = { mode: 'explicit-proxy', url: `http://user:pass@127.0.0.1:${port}` }
const lateKey = () => new Promise<Secret>((resolve) => setTimeout(resolve, 30, new Secret('late')))
const brokenKey = () => new Promise<Secret>((_, reject) => setTimeout(reject, 30, new Error('late')))

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
      setTimeout(() => end(run), delayMs)
    }
    const run = startParent(given, () => {})
    await Promise.resolve()
    end(run)
  }
}
setTimeout(() => {
  // Without open connections a server closes at once; one that an attempt left behind would keep it.
  silent.close(() => console.log('survived'))
}, 300)

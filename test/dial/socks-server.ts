import { type Socket, connect, createServer } from 'node:net'
import { listen } from '../socket/server.ts'

/** A SOCKS5 proxy (RFC 1928) without authentication. `asked` lists what it was asked to connect to. */
export async function socksServer({ refuses = false } = {}) {
  const asked: string[] = []
  const proxy = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]))
      socket.once('data', (request) => open(socket, request))
    })
  })
  function open(socket: Socket, request: Buffer): void {
    const isName = request[3] === 3
    const length = isName ? (request[4] ?? 0) : 4
    const from = isName ? 5 : 4
    const address = request.subarray(from, from + length)
    const host = isName ? address.toString() : address.join('.')
    const port = request.readUInt16BE(from + length)
    asked.push(`${host}:${port}`)
    if (refuses) return void socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]))
    const target = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
  }
  return { url: `socks5h://127.0.0.1:${await listen(proxy)}`, asked }
}

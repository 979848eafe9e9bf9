import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type Socket, connect } from 'node:net'
import { listen } from '../socket/server.ts'

interface ProxyOptions {
  /** `user:password`; other requests are answered with 407. */
  readonly auth?: string
  readonly tls?: { cert: string; key: string }
  /** Where every tunnel leads, whatever was asked for. */
  readonly port?: number
  /** Of what opens a tunnel. Default: `200 OK`. */
  readonly status?: string
}

/** A CONNECT proxy. `asked` lists what it was asked to connect to. */
export async function proxyServer({ auth, tls, port: fixedPort, status = '200 OK' }: ProxyOptions = {}) {
  const asked: string[] = []
  const proxy = tls ? createTlsServer(tls) : createServer()
  proxy.on('connect', (request, socket: Socket, head: Buffer) => {
    asked.push(request.url ?? '')
    socket.on('error', () => {})
    const expected = auth && `Basic ${Buffer.from(auth).toString('base64')}`
    if (expected && request.headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n')
      return
    }
    const { hostname, port } = new URL(`http://${request.url}`)
    const host = fixedPort === undefined ? hostname.replace(/[[\]]/g, '') : '127.0.0.1'
    const target = connect(fixedPort ?? Number(port), host, () => {
      socket.write(`HTTP/1.1 ${status}\r\n\r\n`)
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
  })
  const port = await listen(proxy)
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, asked }
}

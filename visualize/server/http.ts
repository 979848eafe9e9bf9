import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { HoldlineError } from '../../src/protocol/errors.ts'
import { type Asset, PAGE_FILES } from './assets.ts'
import { type Refusal, addressOf, refuseStranger, refuseWithoutToken, securityHeaders } from './guard.ts'

const LOOPBACK = '127.0.0.1'

/** A started HTTP server on loopback. */
export interface PageServer {
  readonly server: Server
  readonly port: number
}

/**
 * Serves the page to this machine.
 *
 * @throws {HoldlineError} `ERR_INSPECTOR` when the port cannot be had
 */
export async function servePage(
  page: ReadonlyMap<string, Asset>,
  { port, token }: { readonly port: number; readonly token: string },
): Promise<PageServer> {
  const server = createServer((request, response) => answer(request, response))
  const actual = await listen(server, port)

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const host = `${LOOPBACK}:${actual}`
    for (const [name, value] of Object.entries(securityHeaders(request.headers.host ?? host))) {
      response.setHeader(name, value)
    }
    const stranger = refuseStranger(request, actual)
    if (stranger !== null) return refuse(response, stranger)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, { status: 405, message: 'The page can be read, and nothing else.' })
    }
    const url = addressOf(request, actual)
    if (url === null) return refuse(response, { status: 400, message: 'The address cannot be read.' })
    const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1)
    // Scripts and styles hold nothing of the app; what does is behind the token.
    const refusal = name === 'index.html' ? refuseWithoutToken(url, token) : null
    if (refusal !== null) return refuse(response, refusal)
    const asset = page.get(name)
    if (asset === undefined && PAGE_FILES.includes(name)) {
      return refuse(response, { status: 500, message: 'The page was not built. Run: npm run build' })
    }
    if (asset === undefined) return refuse(response, { status: 404, message: 'There is no such file.' })
    response.writeHead(200, { 'content-type': asset.type, 'content-length': asset.body.length })
    response.end(request.method === 'HEAD' ? undefined : asset.body)
  }

  return { server, port: actual }
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${message}\n`)
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, LOOPBACK, resolve)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${code ?? 'unknown error'})`
    throw new HoldlineError(
      'ERR_INSPECTOR',
      `Port ${port} on ${LOOPBACK} ${why}. The page is not served. Choose another one, or 0 for any that is free.`,
      { cause: error },
    )
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

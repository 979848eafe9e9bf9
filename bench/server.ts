import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'

// A server in a process of its own, so that its work is not counted: it streams deltas as fast as it can.

/** Size of a delta frame on the wire, in bytes. */
export const FRAME_BYTES = 250

interface BenchServer {
  readonly url: string
  close(): void
}

/** Starts the server, which answers every message with `frames` deltas and a terminal event. */
export async function startServer(frames: number): Promise<BenchServer> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [String(frames)])
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)))
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)))
  })
  return { url: `ws://127.0.0.1:${port}/v1/responses`, close: () => void child.kill() }
}

const CREATED = JSON.stringify({
  type: 'response.created',
  sequence_number: 0,
  response: { id: 'resp_1', object: 'response', status: 'in_progress', output: [] },
})
const COMPLETED = JSON.stringify({
  type: 'response.completed',
  sequence_number: 0,
  response: { id: 'resp_1', object: 'response', status: 'completed', output: [] },
})

function delta(number: number): string {
  const frame = {
    type: 'response.output_text.delta',
    item_id: 'msg_0123456789abcdef0123456789abcdef',
    output_index: 0,
    content_index: 0,
    delta: '',
    logprobs: [],
    sequence_number: 100_000 + number,
  }
  const text = JSON.stringify(frame)
  return text.replace('"delta":""', `"delta":"${'x'.repeat(FRAME_BYTES - text.length)}"`)
}

async function stream(socket: WebSocket, frames: readonly string[]): Promise<void> {
  socket.send(CREATED)
  for (const [number, frame] of frames.entries()) {
    socket.send(frame)
    // So much at a time that the client never waits, and the buffer does not grow without end.
    if (number % 500 === 499) await new Promise((resolve) => setImmediate(resolve))
  }
  socket.send(COMPLETED)
}

function serve(frames: number): void {
  const deltas = Array.from({ length: frames }, (_, number) => delta(number))
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
    const address = server.address()
    process.send?.(typeof address === 'object' ? address?.port : 0)
  })
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', () => void stream(socket, deltas))
  })
  process.on('disconnect', () => process.exit())
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  serve(Number(process.argv[2]))
}

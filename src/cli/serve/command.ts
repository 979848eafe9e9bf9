import { readFile } from 'node:fs/promises'
import { choiceFlag, parseFlags, portFlag } from '../args.ts'
import { CommandError, Exit, UsageError } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { paintFor } from '../screen/paint.ts'
import { type ResponsesServer, type Script, createResponsesServer, parseScript } from '../../testing/index.ts'
import { logActivity } from './activity.ts'

export const DEFAULT_PORT = 8787
export const DEFAULT_HOST = '127.0.0.1'
export const MODES = ['openai', 'generation-1', 'vercel'] as const

/** `holdline serve`: runs the local server until `io.signal` is aborted. Resolves with the exit code. */
export async function serveCommand(args: readonly string[], io: CliIo): Promise<number> {
  const script = await scriptFor(args)
  const server = await listen(script)
  try {
    announce(server, script, io)
    logActivity(server, io)
    await aborted(io.signal)
  } finally {
    await server.close()
  }
  return Exit.ok
}

/** The script of the file, with the flags on top. */
async function scriptFor(args: readonly string[]): Promise<Script> {
  const flags = parseFlags(args, {
    port: { type: 'string' },
    host: { type: 'string' },
    script: { type: 'string' },
    mode: { type: 'string' },
    'api-key': { type: 'string' },
  })
  const { port, host, 'api-key': apiKey } = flags
  if (host === '') throw new UsageError('--host must be an address or a name')
  if (apiKey === '') throw new UsageError('--api-key must not be empty')
  const mode = choiceFlag('--mode', flags.mode, MODES)
  const script = flags.script === undefined ? {} : await readScript(flags.script)
  return {
    ...script,
    port: portFlag(port, script.port ?? DEFAULT_PORT),
    host: host ?? script.host ?? DEFAULT_HOST,
    ...(mode !== undefined && { mode }),
    ...(apiKey !== undefined && { apiKey }),
  }
}

async function readScript(file: string): Promise<Script> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`the script ${file} cannot be read (${error.code ?? error.message})`, {
      cause: error,
    })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`the script ${file} is not JSON: ${(error as Error).message}`, { cause: error })
  }
  return parseScript(value)
}

async function listen(script: Script): Promise<ResponsesServer> {
  try {
    return await createResponsesServer(script)
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    const where = `${script.host} port ${script.port}`
    if (code === 'EADDRINUSE') {
      throw new CommandError(code, `${where} is in use. Take another --port, or 0 for any.`, { cause: error })
    }
    if (code === undefined || syscall === undefined) throw error
    throw new CommandError(code, `Cannot listen on ${where}.`, { cause: error })
  }
}

function announce(server: ResponsesServer, { mode, apiKey }: Script, io: CliIo): void {
  const { bold, dim, cyan } = paintFor(io.stdout, io.env)
  const key = apiKey === undefined || apiKey === null ? 'any key is accepted' : 'one key is accepted'
  io.stdout.write(
    `${bold('holdline serve')}  ${dim(`behaves like ${mode ?? MODES[0]}, ${key}, Ctrl-C ends it`)}\n`,
  )
  io.stdout.write(`  ${dim('WebSocket')}  ${cyan(server.url)}\n`)
  io.stdout.write(`  ${dim('HTTP')}       ${cyan(server.httpUrl)}\n\n`)
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

import { parseFlags } from '../args.ts'
import { UsageError } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { startDemoServer } from './demo/server.ts'
import { runWorkflow } from './run.ts'

/** The model that is asked on a real service, where the user names none. */
export const DEFAULT_MODEL = 'gpt-5.4'

/** `holdline workflow`: on a local server, or with `--url` on a real service. Resolves with the exit code. */
export async function workflowCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { url, model } = parseFlags(args, { url: { type: 'string' }, model: { type: 'string' } })
  if (url === undefined) {
    if (model !== undefined)
      throw new UsageError('--model needs --url: the local server has no models to choose')
    const { server, target } = await startDemoServer()
    try {
      return await runWorkflow(target, io, server)
    } finally {
      await server.close()
    }
  }
  const apiKey = io.env['OPENAI_API_KEY']
  if (apiKey === undefined || apiKey === '') {
    throw new UsageError('--url needs a key: set OPENAI_API_KEY in the environment')
  }
  return await runWorkflow({ url, apiKey, model: model ?? DEFAULT_MODEL }, io, null)
}

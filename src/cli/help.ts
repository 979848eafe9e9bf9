import { VISUALIZE_HELP } from '../../visualize/command.ts'
import type { Paint } from './screen/paint.ts'
import { DEFAULT_MODEL } from './workflow/command.ts'
import { DEFAULT_HOST, DEFAULT_PORT, MODES } from './serve/command.ts'

export type HelpTopic = 'holdline' | 'workflow' | 'serve' | 'visualize'

/** The text of `--help`, ready to print. */
export function helpText(topic: HelpTopic, { bold, dim }: Paint): string {
  return TEXTS[topic].replaceAll(/^[A-Z][^\n]*$/gm, bold).replaceAll(/\(default: [^)]*\)/g, dim)
}

const WORKFLOW = `Usage: holdline workflow [--url URL [--model NAME]]

  Three questions and two real tools in one conversation. Without --url it runs on
  a server of its own on this machine, with no key and no network: the connection
  is lost once between two turns and once in the middle of one, the server forgets
  the chain once, the line moves to a fresh connection, and an answer is steered.

Flags
  --url URL      a real service, as in wss://api.openai.com/v1/responses; the key
                 is read from OPENAI_API_KEY (default: the local server)
  --model NAME   the model to ask, with --url only (default: ${DEFAULT_MODEL})
  -h, --help     this text

Exit code
  0 every question was answered, 1 it failed, 2 it could not be started as asked,
  130 ended by Ctrl-C or SIGTERM
`

const SERVE = `Usage: holdline serve [--port N] [--host HOST] [--script FILE] [--mode MODE] [--api-key KEY]

  A local Responses server over WebSocket and HTTP, for trying and testing clients.
  It repeats what it is told, or does what a script says, misbehaviour included.

Flags
  --port N         0 takes any free port (default: ${DEFAULT_PORT})
  --host HOST      the address to listen on (default: ${DEFAULT_HOST})
  --script FILE    JSON: turns, upgrades, faults, limits (default: none); a flag
                   wins over what the script says
  --mode MODE      the service to behave like: ${MODES.join(', ')}
                   (default: ${MODES[0]})
  --api-key KEY    the one key to accept (default: any key, but not none)
  -h, --help       this text

Exit code
  0 ended by Ctrl-C or SIGTERM, 1 the port cannot be had, 2 a flag or the script is
  wrong
`

const GENERAL = `Usage: holdline COMMAND [FLAGS]

Commands
  workflow         a tool-calling conversation that goes on, whatever happens to its line
  serve            a local Responses server, scripted where you want it
  visualize        a page that shows a recording, or the machines of a module

Flags
  -h, --help       this text; after a command, that command's
  -v, --version    the version

Environment
  OPENAI_API_KEY   the key, for workflow --url
  NO_COLOR         any value switches colours off
  FORCE_COLOR      any value but 0 switches colours on where output is piped

${WORKFLOW}
${SERVE}`

const TEXTS: Readonly<Record<HelpTopic, string>> = {
  holdline: GENERAL,
  workflow: WORKFLOW,
  serve: SERVE,
  visualize: VISUALIZE_HELP,
}

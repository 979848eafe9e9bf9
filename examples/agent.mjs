// A terminal agent: it streams, has three tools, Ctrl-C ends one turn, and after a crash it goes on from what it saved.
// OPENAI_API_KEY=… node agent.mjs [file]
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { ResponsesConnection, defineTool } from 'holdline'
import * as v from 'valibot'

const onePath = v.object({ path: v.string() })
const lines = v.object({ path: v.string(), word: v.string() })
const errorForModel = ({ code }) => `It cannot be read: ${code}.`
const tool = (name, description, schema, execute) =>
  defineTool({ name, description, schema, execute, errorForModel })
const tools = [
  tool('list_files', 'Lists a folder.', onePath, ({ path }) => readdir(path)),
  tool('read_file', 'Reads a text file.', onePath, ({ path }) => readFile(path, 'utf8')),
  tool('search_file', 'The lines with a word.', lines, async ({ path, word }) =>
    (await readFile(path, 'utf8')).split('\n').filter((line) => line.includes(word)),
  ),
]

const { OPENAI_API_KEY: apiKey, AGENT_URL: url, AGENT_MODEL: model = 'gpt-5.4' } = process.env
const file = process.argv[2] ?? 'agent.json'
const connection = new ResponsesConnection({ apiKey, url })
const options = { model, tools, instructions: 'You help in a terminal. Be brief.' }
const conversation = existsSync(file)
  ? connection.restore(JSON.parse(readFileSync(file, 'utf8')), options)
  : connection.conversation(options)
const terminal = createInterface({ input: process.stdin, output: process.stdout })
let run = null
for (const source of [terminal, process]) source.on('SIGINT', () => (run ? run.cancel() : process.exit()))

function save() {
  writeFileSync(`${file}.new`, JSON.stringify(conversation.save()))
  renameSync(`${file}.new`, file)
}

async function answer(input) {
  try {
    run = conversation.run(input, { onTool: save, onTurn: save })
    for await (const event of run) {
      if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
      if (event.type === 'tool.started') console.log(`(${event.name})`)
    }
  } catch (error) {
    process.stdout.write(error.message)
  }
  run = null
  save()
  process.stdout.write('\n> ')
}

if (conversation.openCalls.length > 0) await answer()
else if (conversation.lostTurn) await answer(conversation.lostTurn.input)
for await (const line of terminal) if (line !== '') await answer(line)
await connection.close()

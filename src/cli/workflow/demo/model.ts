import type { Model, Turn } from '../../../testing/index.ts'
import type { Item } from '../../../testing/server/wire.ts'
import type { Folder } from '../tools/package-files.ts'
import type { ReadOutput } from '../tools/read-lines.ts'
import type { Hit, SearchOutput } from '../tools/search-files.ts'

// The scripted side: it stands where the service's model would, sees only what the client sent, and takes every
// figure of its answers from what the tools really found.

/** Milliseconds between two events, so that the words can be seen coming. */
const PACE_MS = 20
/** Characters of a call's arguments in one event. */
const CHUNK = 48

/** Answers the questions of the workflow by looking things up with the tools. */
export const demoModel: Model = ({ context }) => {
  const said = context.flatMap((item, index) => (item['role'] === 'user' ? [index] : []))
  const last = contentOf(context[said.at(-1) ?? 0])
  // What was put into an answer is about the question before it.
  const isSteered = last.includes('One sentence')
  const asked = said.at(isSteered ? -2 : -1) ?? 0
  const found = context.slice(asked + 1).flatMap((item) => outputOf(item))
  const question = contentOf(context[asked])
  if (question.includes('send again')) return aboutResends(found, isSteered)
  return question.includes('close codes') ? aboutCloseCodes(found) : aboutWaits(found)
}

function aboutWaits(found: readonly Found[]): Turn {
  const [search, lines] = found
  if (search === undefined) {
    return says('I look for the place where the waits are set.', [call.search('backoffDelaysMs', 'src')])
  }
  const hit = hitWith(search, /\[[^[\]\d]*\d[^[\]]*\]/)
  if (hit === null) return says('I found no place where the waits are set.')
  if (lines === undefined) {
    const from = Math.max(1, hit.line - 2)
    return says('One of these lines sets them. I read what stands around it.', [
      call.read(hit.path, from, hit.line + 3),
    ])
  }
  const waits = numbersIn(hit.text).map((ms) => `${ms / 1000}`)
  const retries = textOf(lines).match(/maxRetries: (\d+)/)?.[1] ?? 'an unknown number of'
  const quarter = textOf(lines).includes("'quarter'") ? ', each less up to a quarter of it by chance' : ''
  return says(
    `By default it tries again ${retries} times, and waits ${listed(waits, 'and')} seconds before these ` +
      `retries${quarter}. That is written in ${hit.path}, line ${hit.line}.`,
  )
}

function aboutCloseCodes(found: readonly Found[]): Turn {
  const [codes, credit] = found
  if (codes === undefined || credit === undefined) {
    return says('That takes two searches, and they can run side by side.', [
      call.search('CloseCode.', 'machines'),
      call.search('OUT_OF_CREDITS', 'src'),
    ])
  }
  const [first, ...others] = hitsWith(codes, /^CloseCode\.\w+,$/)
  const code = hitWith(credit, /: \d+,$/)
  const verdict = hitWith(codes, /OUT_OF_CREDITS.* verdict\(/)
  if (first === undefined || code === null || verdict === null) return says('I found no list of close codes.')
  const list = [first, ...others.filter(({ path }) => path === first.path)]
  const names = list.map(({ text }) => text.slice('CloseCode.'.length, -1))
  return says(
    `It tries again after ${listed(names, 'and')} (${first.path}, from line ${first.line}). ` +
      `An account that is out of credit shows as ${numbersIn(code.text).join()}, and line ${verdict.line} of ` +
      `${verdict.path} calls that ${quoted(verdict.text).join(', ')}: it is not tried again.`,
  )
}

/** At length, unless it is told that less will do. */
function aboutResends(found: readonly Found[], isShort: boolean): Turn {
  if (found.length < 2) {
    return looksUp([
      call.search('REPLAY_POLICIES =', 'machines'),
      call.search('previous_response_not_found', 'machines'),
    ])
  }
  // Outputs come in the order in which their tools ended.
  const hits = (pattern: RegExp): Hit | null =>
    found.map((one) => hitWith(one, pattern)).find((hit) => hit !== null) ?? null
  const names = hits(/REPLAY_POLICIES = .*'/)
  const refusal = hits(/previous_response_not_found.*verdict\(/)
  if (names === null || refusal === null) return says('I found no rule for that.')
  const [code = '', remedy = ''] = quoted(refusal.text)
  if (isShort) {
    return says(
      `It sends again only what provably did not run, as after ${code} (${refusal.path}, line ${refusal.line}).`,
    )
  }
  return paragraphs([
    `There are these policies, ${listed(quoted(names.text), 'and')} (${names.path}, line ${names.line}). `,
    `Under "safe", a turn is sent again where the code of a refusal proves that nothing ran: ` +
      `for ${code} the remedy is ${remedy}. `,
    'A turn that was lost while it streamed is never sent again without being asked for.',
  ])
}

function looksUp(calls: NonNullable<Turn['calls']>): Turn {
  return { calls, delayMs: PACE_MS, chunk: CHUNK }
}

/** One output item each: a service that is steered stops at the end of one. */
function paragraphs(texts: readonly string[]): Turn {
  return { output: texts.map((text) => ({ type: 'text', text: wordsOf(text) })), delayMs: PACE_MS }
}

/** Words one by one, as a service streams them. */
function says(text: string, calls: NonNullable<Turn['calls']> = []): Turn {
  return { text: wordsOf(text), calls, delayMs: PACE_MS, chunk: CHUNK }
}

function wordsOf(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [text]
}

const call = {
  search: (word: string, folder: Folder) => ({ name: 'search_files', arguments: { word, folder } }),
  read: (path: string, from: number, to: number) => ({ name: 'read_lines', arguments: { path, from, to } }),
}

function contentOf(item: Item | undefined): string {
  return JSON.stringify(item?.['content'] ?? '')
}

type Found = SearchOutput | ReadOutput | { readonly error: string }

function outputOf(item: Item): Found[] {
  if (item['type'] !== 'function_call_output') return []
  return [JSON.parse(String(item['output'])) as Found]
}

function hitsWith(found: Found, pattern: RegExp): Hit[] {
  return 'hits' in found ? found.hits.filter(({ text }) => pattern.test(text)) : []
}

function hitWith(found: Found, pattern: RegExp): Hit | null {
  return hitsWith(found, pattern)[0] ?? null
}

function textOf(found: Found): string {
  return 'lines' in found ? found.lines.join('\n') : ''
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d[\d_]*/g)].map(([digits]) => Number(digits.replaceAll('_', '')))
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([^']+)'/g)].map(([, inner]) => `"${inner}"`)
}

function listed(words: readonly string[], last: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

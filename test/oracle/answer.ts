import { createHash } from 'node:crypto'
import { errorFrame } from './error-shapes.ts'
import { type Item, canonical } from './records.ts'
import type { AnswerPlan, Dialect, InjectName } from './schedule.ts'

/** One thing that the oracle does for an answer, `afterMs` after the last one. */
export type Act =
  | { readonly do: 'event'; readonly afterMs: number; readonly what: ActKind; readonly event: Item }
  | { readonly do: 'inject'; readonly afterMs: number; readonly name: InjectName }
  | { readonly do: 'end-of-answer'; readonly afterMs: number }

export type ActKind = 'created' | 'content' | 'terminal' | 'error' | 'notice'

/** What an answer is made from. */
export interface Question {
  readonly n: number
  readonly context: readonly Item[]
  readonly isWarmUp: boolean
  /** Written on every event of a named lane; null for the default lane, and where there are no labels. */
  readonly label: string | null
  readonly stored: boolean
  /** The id of the next event that names the response; null where ids are left out. */
  readonly id: () => string | null
}

/** An answer before anything of it is sent. */
export interface Answer {
  readonly acts: readonly Act[]
  /** Output as a reader of every byte holds it. */
  readonly output: readonly Item[]
  readonly outcome: 'completed' | 'incomplete' | 'failed' | 'unclear' | null
}

/** Content names the create that it answers, and stands for all that the answer was made from. */
export function textFor(n: number, context: readonly Item[]): string {
  return `<${n}:${createHash('sha256').update(canonical(context)).digest('hex').slice(0, 12)}>`
}

/** The number of the create that some content answers. */
export function numberIn(shown: string): number[] {
  return [...shown.matchAll(/<(\d+):/g)].map(([, n]) => Number(n))
}

export function outputFor(plan: AnswerPlan, { n, context, isWarmUp }: Question): Item[] {
  if (isWarmUp) return []
  const text = textFor(n, context)
  const output: Item[] = []
  if (plan.reasoning === true) {
    output.push({ id: `rs_${n}`, type: 'reasoning', summary: [{ type: 'summary_text', text }] })
  }
  if (plan.kind === 'calls' || plan.kind === 'truncated-calls') {
    for (const which of n % 3 === 0 ? ['a', 'b'] : ['a']) {
      const call = {
        id: `fc_${n}${which}`,
        type: 'function_call',
        call_id: `call_${n}${which}`,
        name: 'work',
      }
      const status = plan.kind === 'calls' ? 'completed' : 'incomplete'
      output.push({ ...call, arguments: JSON.stringify({ text }), status })
    }
    return output
  }
  const content = [{ type: 'output_text', text, annotations: [] }]
  output.push({ id: `msg_${n}`, type: 'message', role: 'assistant', status: 'completed', content })
  return output
}

/** The whole answer to one create that runs. */
export function answerOf(plan: AnswerPlan, dialect: Dialect, question: Question): Answer {
  if (plan.kind === 'silent') return { acts: [], output: [], outcome: null }
  const output = outputFor(plan, question)
  const body = [...beginning(plan, question), ...contents(plan, output)]
  const acts = plan.kind === 'hang' ? body : [...body, ...endings(plan, dialect, question, output)]
  const outcome = plan.kind === 'hang' ? null : outcomeOf(plan)
  const label = question.label
  const timed = acts.map(({ what, event }, index): Act => ({
    do: 'event',
    // What crosses the notice comes with it: later, nobody could tell.
    afterMs: (index === 0 ? plan.firstMs : acts[index - 1]?.what === 'notice' ? 0 : plan.eachMs) ?? 0,
    what,
    event: { ...event, ...(label !== null && what !== 'notice' && { stream_id: label }) },
  }))
  return { acts: [...injected(plan, timed), { do: 'end-of-answer', afterMs: 0 }], output, outcome }
}

interface Said {
  readonly what: ActKind
  readonly event: Item
}

function beginning(plan: AnswerPlan, { id, isWarmUp }: Question): Said[] {
  const said: Said[] = []
  if (plan.notice === true) said.push({ what: 'notice', event: errorFrame('age', 'nested') })
  if (isWarmUp) return said
  const created = (): Said => ({
    what: 'created',
    event: { type: 'response.created', response: { ...named(id), status: 'in_progress', output: [] } },
  })
  if (plan.omitsCreated !== true) said.push(created())
  if (plan.repeats === 'created') said.push(created())
  for (let at = 0; at < (plan.keepalives ?? 0); at += 1) {
    said.push({ what: 'content', event: { type: 'keepalive', sequence_number: at } })
  }
  return said
}

function contents(plan: AnswerPlan, output: readonly Item[]): Said[] {
  return output.flatMap((item, output_index) => {
    const common = { item_id: item['id'], output_index }
    const list: Said[] = [contentOf({ type: 'response.output_item.added', output_index, item })]
    if (item['type'] === 'message') {
      const text = (item['content'] as { text: string }[])[0]?.text ?? ''
      list.push(contentOf({ type: 'response.output_text.delta', ...common, content_index: 0, delta: text }))
      list.push(contentOf({ type: 'response.output_text.done', ...common, content_index: 0, text }))
    }
    const done = contentOf({ type: 'response.output_item.done', output_index, item })
    list.push(done)
    if (plan.repeats === 'item') list.push(done)
    return list
  })
}

function contentOf(event: Item): Said {
  return { what: 'content', event }
}

function named(id: () => string | null): Item {
  const name = id()
  return name === null ? {} : { id: name }
}

function outcomeOf(plan: AnswerPlan): Answer['outcome'] {
  const shape = plan.terminal ?? 'whole'
  if (shape === 'error-then-failed' || shape === 'error-only' || shape === 'untyped-error') return 'failed'
  if (plan.kind === 'failed') return 'failed'
  if (shape !== 'whole') return 'unclear'
  return plan.kind === 'incomplete' || plan.kind === 'truncated-calls' ? 'incomplete' : 'completed'
}

function endings(plan: AnswerPlan, dialect: Dialect, question: Question, output: readonly Item[]): Said[] {
  const shape = plan.terminal ?? 'whole'
  const error = { code: 'server_error', message: 'broke off' }
  const failed = (): Said => ({
    what: 'terminal',
    event: {
      type: 'response.failed',
      response: { ...named(question.id), status: 'failed', output: [], error },
    },
  })
  if (shape === 'error-then-failed') {
    return [{ what: 'error', event: errorFrame('server-error', plan.shape ?? 'nested') }, failed()]
  }
  if (shape === 'error-only' || shape === 'untyped-error') {
    return [{ what: 'error', event: errorFrame('server-error', shape === 'error-only' ? 'flat' : 'untyped') }]
  }
  if (plan.kind === 'failed') return [failed()]
  const last: Said = { what: 'terminal', event: terminal(plan, dialect, question, output) }
  return plan.repeats === 'terminal' ? [last, last] : [last]
}

function terminal(plan: AnswerPlan, dialect: Dialect, question: Question, output: readonly Item[]): Item {
  const status = outcomeOf({ ...plan, terminal: 'whole' }) as string
  const type = dialect.endsWithDone ? 'response.done' : `response.${status}`
  const shown = dialect.emptyOutput && output.length > 0 ? [] : output
  const why = status === 'incomplete' ? { incomplete_details: { reason: 'max_output_tokens' } } : {}
  const usage = { input_tokens: question.context.length, output_tokens: output.length, total_tokens: 1 }
  const response = { ...named(question.id), status, store: question.stored, output: shown, usage, ...why }
  const { id: _id, ...unnamed } = response as Item
  switch (plan.terminal) {
    case 'no-response':
      return { type }
    case 'null-response':
      return { type, response: null }
    case 'no-id':
      return { type, response: unnamed }
    case 'no-status':
      return { type, response: { ...response, status: undefined } }
    case 'bad-output':
      return { type, response: { ...response, output: [null, 7, { type: 'message', content: null }] } }
    case 'odd-fields':
      return {
        type,
        response: { ...response, usage: 'much', incomplete_details: 5, error: 'none', status: 9 },
      }
    default:
      return { type, response }
  }
}

function injected(plan: AnswerPlan, acts: readonly Act[]): Act[] {
  if (plan.inject === undefined) return [...acts]
  const { at, what } = plan.inject
  return [...acts.slice(0, at), { do: 'inject', afterMs: 0, name: what }, ...acts.slice(at)]
}

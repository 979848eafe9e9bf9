import {
  type CreateRecord,
  type Fault,
  type Item,
  type Report,
  type TurnRecord,
  canonical,
} from './records.ts'

type Check = (report: Report) => Fault[]

/** Every promise that a report can break, with what breaks it. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'no uncaught exception': ({ uncaught }) => faults('no uncaught exception', uncaught),
  'nothing left behind': ({ leftBehind }) => faults('nothing left behind', leftBehind),
  'each turn settles once': eachTurnSettlesOnce,
  "nobody gets another's answer": nobodyGetsAnothersAnswer,
  'nothing runs twice': nothingRunsTwice,
  'no tool runs twice': noToolRunsTwice,
  'the server answers from the history': answersFromTheHistory,
  'the history holds what was answered': historyHoldsTheAnswer,
  'an error tells the truth': errorsTellTheTruth,
  'a polite server is answered by completion': politeCompletes,
}

/** All faults of a report, the gravest kind first. */
export function judge(report: Report): Fault[] {
  return Object.values(CHECKS).flatMap((check) => check(report))
}

function faults(promise: string, details: readonly string[]): Fault[] {
  return details.map((detail) => ({ promise, detail }))
}

function eachTurnSettlesOnce({ turns, unsettled }: Report): Fault[] {
  const details = unsettled.map((name) => `${name} never settled`)
  for (const { id, settled } of turns) {
    for (const by of ['promise', 'event'] as const) {
      const times = settled.filter((one) => one.by === by)
      if (times.length > 1) details.push(`${id} settled ${times.length} times by its ${by}`)
    }
    const outcomes = new Set(settled.map(({ outcome }) => outcome))
    if (outcomes.size > 1) details.push(`${id} settled as ${[...outcomes].join(' and ')}`)
  }
  return faults('each turn settles once', details)
}

function nobodyGetsAnothersAnswer({ creates, turns }: Report): Fault[] {
  const details: string[] = []
  for (const turn of turns) {
    for (const n of turn.seen) {
      const owner = creates[n - 1]
      if (owner?.key !== turn.key)
        details.push(`${turn.id} (${turn.key}) was shown the answer to ${owner?.key}`)
    }
    if (turn.response?.['status'] !== 'completed' || turn.seen.size > 0) continue
    const isAnswered = creates.some(({ key, outcome }) => key === turn.key && outcome !== null)
    if (!isAnswered) details.push(`${turn.id} completed with an answer that nobody gave it`)
  }
  return faults("nobody gets another's answer", details)
}

/** A create that the server has not refused may have run, whether or not it said so. */
function nothingRunsTwice({ creates, turns }: Report): Fault[] {
  const details: string[] = []
  for (const { id, key, replay } of turns) {
    const all = creates.filter((create) => create.key === key && !create.isWarmUp)
    const taken = all.filter(({ fate }) => fate !== 'refused')
    if (replay === 'never' && all.length > 1) details.push(`${id} was sent ${all.length} times under never`)
    else if (replay === 'safe' && taken.length > 1) {
      details.push(
        `${id} ran ${taken.length} times under safe: creates ${taken.map(({ n }) => n).join(', ')}`,
      )
    } else if (replay === 'unanswered') {
      const begun = taken.find((create) => create.events.some(({ isDelivered }) => isDelivered))
      const after = begun === undefined ? undefined : all.find(({ n }) => n > begun.n)
      if (after !== undefined)
        details.push(`${id} was sent again (${after.n}) after it had begun (${begun?.n})`)
      if (taken.length > 2) details.push(`${id} was sent ${taken.length} times under unanswered`)
    }
  }
  return faults('nothing runs twice', details)
}

/** Once for each call, and only for calls of a response that has ended well. */
function noToolRunsTwice({ toolRuns, creates }: Report): Fault[] {
  const counts = new Map<string, number>()
  for (const id of toolRuns) counts.set(id, (counts.get(id) ?? 0) + 1)
  const details = [...counts]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => `${id} ran ${count} times`)
  const ended = creates.filter(({ outcome }) => outcome === 'completed' || outcome === 'unclear')
  const called = new Set(ended.flatMap(({ output }) => output ?? []).map((item) => item['call_id']))
  for (const id of counts.keys()) if (!called.has(id)) details.push(`${id} ran without a finished response`)
  return faults('no tool runs twice', details)
}

/** Each create of a turn means the history before it, and what the turn adds. */
function answersFromTheHistory({ creates, turns }: Report): Fault[] {
  const details: string[] = []
  for (const create of creates) {
    if (create.problem !== null) details.push(`create ${create.n}: ${create.problem}`)
    if (create.isWarmUp || create.context === null) continue
    const turn = turns.find(({ key }) => key === create.key)
    if (turn === undefined) details.push(`create ${create.n} belongs to no turn: ${create.key}`)
    else if (canonical(create.context) !== canonical([...turn.before, ...turn.input])) {
      details.push(
        `create ${create.n} of ${turn.id} was answered from ${brief(create.context)}, not ${brief([...turn.before, ...turn.input])}`,
      )
    }
  }
  return faults('the server answers from the history', details)
}

function historyHoldsTheAnswer({ creates, turns }: Report): Fault[] {
  const details: string[] = []
  for (const turn of turns) {
    if (turn.after === null) continue
    const asked = [...turn.before, ...turn.input]
    const status = turn.response?.['status']
    const create = answering(turn, creates)
    if (status === 'completed' && create?.outcome === 'completed' && create.output !== null) {
      if (canonical(turn.after) !== canonical([...asked, ...create.output])) {
        details.push(
          `${turn.id} completed; its history is ${brief(turn.after)}, not ${brief([...asked, ...create.output])}`,
        )
      }
    } else if (turn.response === null && canonical(turn.after) !== canonical(turn.before)) {
      details.push(
        `${turn.id} has no response; its history went from ${brief(turn.before)} to ${brief(turn.after)}`,
      )
    } else if (turn.response !== null && !startsWith(turn.after, asked)) {
      details.push(`${turn.id} was answered; its history is ${brief(turn.after)}`)
    }
  }
  return faults('the history holds what was answered', details)
}

function answering(turn: TurnRecord, creates: readonly CreateRecord[]): CreateRecord | undefined {
  return creates.findLast(({ key, fate, isWarmUp }) => key === turn.key && fate === 'ran' && !isWarmUp)
}

function errorsTellTheTruth({ creates, turns }: Report): Fault[] {
  const details: string[] = []
  for (const { id, key, error } of turns) {
    if (error?.resendIsSafe !== true) continue
    const ran = creates.find((create) => create.key === key && create.fate !== 'refused' && !create.isWarmUp)
    if (ran !== undefined) details.push(`${id} says that it did not run (${error.text}); create ${ran.n} did`)
  }
  return faults('an error tells the truth', details)
}

function politeCompletes({ turns, wasPolite }: Report): Fault[] {
  if (!wasPolite) return []
  const details = turns
    .filter(({ response, wasCancelled }) => !wasCancelled && response?.['status'] !== 'completed')
    .map(({ id, error }) => `${id} did not complete: ${error?.text ?? 'no error'}`)
  return faults('a polite server is answered by completion', details)
}

function startsWith(items: readonly Item[], start: readonly Item[]): boolean {
  return canonical(items.slice(0, start.length)) === canonical(start)
}

function brief(items: readonly Item[]): string {
  return `[${items.map((item) => String(item['content'] !== undefined ? canonical(item['content']).slice(0, 60) : (item['call_id'] ?? item['type']))).join(' ')}]`
}

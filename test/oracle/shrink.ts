import { ACCEPT, ANSWER, POLITE, type Schedule } from './schedule.ts'

type Fails = (schedule: Schedule) => Promise<boolean>

/** Makes a failing schedule as small as it gets, one part after the other, while it still fails. */
export async function shrink(schedule: Schedule, fails: Fails): Promise<Schedule> {
  let best = schedule
  for (;;) {
    const smaller = await firstThatFails(candidates(best), fails)
    if (smaller === null) return best
    best = smaller
  }
}

async function firstThatFails(list: Iterable<Schedule>, fails: Fails): Promise<Schedule | null> {
  for (const one of list) if (await fails(one)) return one
  return null
}

function* candidates(schedule: Schedule): Generator<Schedule> {
  const { steps, answers, dials, conversations, dialect } = schedule
  for (const rest of without(steps)) yield { ...schedule, steps: rest }
  if (conversations.length > 1) {
    for (const rest of without(conversations, 1)) yield { ...schedule, conversations: rest }
  }
  for (const rest of without(answers)) yield { ...schedule, answers: rest }
  for (const rest of without(dials)) yield { ...schedule, dials: rest }
  yield* each(answers, ANSWER, (rest) => ({ ...schedule, answers: rest }))
  yield* each(dials, ACCEPT, (rest) => ({ ...schedule, dials: rest }))
  for (const [at, answer] of answers.entries()) {
    for (const name of Object.keys(answer).filter((key) => key !== 'kind')) {
      const { [name as 'shape']: _dropped, ...kept } = answer
      yield { ...schedule, answers: answers.with(at, kept) }
    }
  }
  for (const [name, value] of Object.entries(POLITE)) {
    if (dialect[name as keyof typeof dialect] === value) continue
    yield { ...schedule, dialect: { ...dialect, [name]: value } }
  }
  for (const [at, plan] of conversations.entries()) {
    const { lane, ...plain } = plan
    if (lane !== undefined) yield { ...schedule, conversations: conversations.with(at, plain) }
    if (plan.store) yield { ...schedule, conversations: conversations.with(at, { ...plan, store: false }) }
    if (plan.tools) yield { ...schedule, conversations: conversations.with(at, { ...plan, tools: false }) }
  }
  if (schedule.httpFallback) yield { ...schedule, httpFallback: false }
}

/** The list without a half, a quarter, … and at last without each single one. */
function* without<T>(list: readonly T[], least = 0): Generator<T[]> {
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < list.length; at += size) {
      const rest = [...list.slice(0, at), ...list.slice(at + size)]
      if (rest.length >= least) yield rest
    }
  }
}

function* each<T>(list: readonly T[], plain: T, put: (list: T[]) => Schedule): Generator<Schedule> {
  for (const [at, one] of list.entries()) {
    if (JSON.stringify(one) !== JSON.stringify(plain)) yield put(list.with(at, plain))
  }
}

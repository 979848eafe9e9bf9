import { isDeepStrictEqual } from 'node:util'
import type { ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { Judgement } from './ledger.ts'

/** Everything that was seen of one turn, by its conversation and by the server. */
export interface TurnFacts {
  readonly key: string
  readonly policy: ReplayPolicy
  /** Times that it was told to have settled. */
  readonly settlements: number
  /** True when its promise has settled. */
  readonly isSettled: boolean
  /** Why it was sent again, each time, as the conversation told it. */
  readonly resent: readonly string[]
  /** Creates of it that the server read. */
  readonly creates: number
  /** Times that the server's model ran for it. */
  readonly runs: number
  /** Of these, those that were refused before anything came of them. */
  readonly refusals: number
  /** The history after it, and what that must be; null where it cannot be known. */
  readonly history: { readonly kept: unknown; readonly answered: unknown } | null
}

/** What must hold of a turn that is over. */
export function judgeTurn(facts: TurnFacts): Judgement[] {
  const { key, history } = facts
  const said: Judgement[] = [
    { promise: 'settlesOnce', holds: facts.isSettled, what: () => `${key} never settled` },
    {
      promise: 'settlesOnce',
      holds: facts.settlements <= 1,
      what: () => `${key} settled ${facts.settlements} times`,
    },
    {
      promise: 'noResend',
      holds: wasSentAsAllowed(facts),
      what: () => JSON.stringify({ ...facts, history: undefined }),
    },
  ]
  if (history === null) return said
  const holds = isDeepStrictEqual(history.kept, history.answered)
  const what = (): string => `${key}: ${JSON.stringify(history)}`
  return [...said, { promise: 'history', holds, what }]
}

function wasSentAsAllowed({ policy, resent, creates, runs, refusals }: TurnFacts): boolean {
  const risks = resent.filter((reason) => reason === 'unanswered').length
  if (policy === 'never' && resent.length > 0) return false
  if (policy !== 'unanswered' && risks > 0) return false
  // What the server refused did not run: all the rest is work, once, and again only where the policy takes that risk.
  return creates <= 1 + resent.length && runs - refusals <= 1 + risks
}

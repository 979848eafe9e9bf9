import { isDeepStrictEqual } from 'node:util'
import * as v from 'valibot'
import type { ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import { defineTool, pendingCalls, runToolCalls } from '../../../src/client/tools/index.ts'
import type { InputItem, ResponseObject } from '../../../src/protocol/index.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import { turnKey } from '../../../src/testing/server/request.ts'
import { judgeShown } from './judge.ts'
import { judgeTurn } from './judge-turn.ts'
import type { SoakScript } from './script.ts'
import type { Watched } from './watched.ts'

/** Turns that are waited for after they are over: one that is sent again late is still noticed. */
const LATEST = 8
/** Turns of one conversation, so that no history grows for ever. */
const MOST_TURNS = 30

const look = defineTool({
  name: 'look',
  description: 'Looks.',
  schema: v.strictObject({}),
  execute: () => 'seen',
})

/** What a conversation is to be like. */
export interface TalkPlan {
  readonly policy: ReplayPolicy
  readonly lane: string | null
  readonly store: boolean
  /** Where the server reads which turn it is: in the metadata, so that all of it is sent each time, or in the input. */
  readonly marker: 'metadata' | 'input'
}

interface Asked {
  readonly key: string
  readonly turn: Turn
  readonly settled: Promise<void>
  readonly resent: string[]
  settlements: number
  isSettled: boolean
  history: { readonly kept: unknown; readonly base: unknown; readonly output: unknown } | null
}

/** One conversation after the other, each turn of which is put to the test when it is over. */
export class Talk {
  readonly #watched: Watched
  readonly #server: ResponsesServer
  readonly #script: SoakScript
  readonly #plan: TalkPlan
  readonly #name: string
  readonly #asked = new Map<string, Asked>()
  #conversation: Conversation
  #left = MOST_TURNS
  /** Outputs of tools that no response has taken yet. */
  #outputs: readonly InputItem[] = []
  turns = 0
  /** Turns that the server read at least once, of those that were judged. */
  reached = 0
  /** Times that it read one of them. */
  creates = 0

  constructor(watched: Watched, server: ResponsesServer, script: SoakScript, plan: TalkPlan, name: string) {
    this.#watched = watched
    this.#server = server
    this.#script = script
    this.#plan = plan
    this.#name = name
    this.#conversation = this.#open()
  }

  get isBusy(): boolean {
    return this.#conversation.turn !== null
  }

  cancel(): void {
    this.#conversation.turn?.cancel()
  }

  /** Asks something that no other turn asks, with the outputs of the tools that were called. */
  ask(): void {
    if (this.isBusy) return
    if (this.#left === 0) this.#renew()
    this.#left -= 1
    this.turns += 1
    const marker = `${this.#name}.${this.turns}`
    const input = [...this.#outputs, { type: 'message', role: 'user', content: marker }] as InputItem[]
    const base = withOutputs(this.#conversation.history, this.#outputs)
    const inMetadata = this.#plan.marker === 'metadata'
    const turn = this.#conversation.respond(
      input,
      inMetadata ? { settings: { metadata: { turn: marker } } } : {},
    )
    const key = inMetadata ? marker : turnKey({ input })
    const common = { key, turn, resent: [], settlements: 0, isSettled: false, history: null }
    const asked: Asked = {
      ...common,
      settled: turn.response.then(
        (response) => this.#answered(asked, response),
        (error: unknown) => this.#failed(asked, error, base),
      ),
    }
    this.#asked.set(turn.id, asked)
    for (const [id, { isSettled }] of this.#asked) {
      if (this.#asked.size <= LATEST || !isSettled) break
      this.#judge(id)
    }
  }

  /** Resolves when every turn has settled, or after this time. */
  async atRest(timeoutMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const late = new Promise<void>((resolve) => {
      timeout.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([late, Promise.all([...this.#asked.values()].map(({ settled }) => settled))])
  }

  /** Judges what has not been judged. */
  end(): void {
    for (const id of this.#asked.keys()) this.#judge(id)
  }

  #open(): Conversation {
    const { policy, lane, store } = this.#plan
    const conversation = this.#watched.connection.conversation({
      model: 'm',
      replay: policy,
      store,
      tools: [look],
      firstEventTimeoutMs: 2_000,
      eventTimeoutMs: 2_000,
      ...(lane !== null && { lane }),
    })
    conversation.on('turn.settled', ({ result }) => {
      const asked = this.#asked.get(result.turnId)
      if (asked !== undefined) asked.settlements += 1
    })
    conversation.on('turn.resent', ({ turnId, reason }) => {
      this.#asked.get(turnId)?.resent.push(reason)
    })
    return conversation
  }

  #renew(): void {
    this.end()
    this.#watched.judge(judgeShown(JSON.stringify(this.#conversation.save()), 'a saved conversation'))
    this.#conversation.close()
    this.#conversation = this.#open()
    this.#left = MOST_TURNS
    this.#outputs = []
  }

  async #answered(asked: Asked, response: ResponseObject): Promise<void> {
    asked.isSettled = true
    const isWhole = response.status === 'completed'
    asked.history = {
      kept: this.#conversation.history,
      base: null,
      output: isWhole ? response.output : response.output.filter(({ type }) => !type.endsWith('_call')),
    }
    const { calls } = pendingCalls(response)
    this.#outputs = isWhole ? ((await runToolCalls(calls, [look])) as readonly InputItem[]) : []
  }

  #failed(asked: Asked, error: unknown, base: unknown): void {
    asked.isSettled = true
    asked.history = { kept: this.#conversation.history, base, output: [] }
    this.#watched.judge(judgeShown(error, 'the error of a turn'))
  }

  #judge(id: string): void {
    const asked = this.#asked.get(id)
    if (asked === undefined) return
    this.#asked.delete(id)
    const { key, history } = asked
    const answered = this.#script.take(key)
    const creates = this.#server.creates(key)
    this.creates += creates
    if (creates > 0) this.reached += 1
    this.#watched.judge(
      ...judgeTurn({
        key,
        policy: this.#plan.policy,
        settlements: asked.settlements,
        isSettled: asked.isSettled,
        resent: asked.resent,
        creates,
        runs: this.#server.runs(key),
        refusals: answered?.refusals ?? 0,
        history: history === null ? null : { kept: history.kept, answered: answeredFrom(history, answered) },
      }),
    )
  }
}

/** What stays, whatever becomes of a turn: what tools gave was paid for. Of a turn that failed it is there already. */
function withOutputs(history: readonly unknown[], outputs: readonly unknown[]): unknown {
  return [...history, ...outputs.filter((output) => !history.some((item) => isDeepStrictEqual(item, output)))]
}

/** A turn that failed leaves no trace but that; else the history is what the server started from, and what came of it. */
function answeredFrom(
  { base, output }: NonNullable<Asked['history']>,
  answered: { readonly context: readonly unknown[] } | null,
): unknown {
  return base ?? [...(answered?.context ?? []), ...(output as readonly unknown[])]
}

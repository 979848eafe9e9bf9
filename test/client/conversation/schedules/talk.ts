import type { Conversation } from '../../../../src/client/conversation/conversation.ts'
import type { HistoryItem } from '../../../../src/client/conversation/history.ts'
import type { TurnError } from '../../../../src/client/conversation/turn-error.ts'
import type { Turn } from '../../../../src/client/conversation/turn.ts'
import type { TurnResult } from '../../../../machines/turn/types.ts'
import type { ReplayPolicy } from '../../../../machines/turn/resend.ts'
import type { InputItem, ResponseObject } from '../../../../src/protocol/index.ts'

/** One turn that was asked for, and all that was heard of it. */
export interface Asked {
  /** Stands in its last input item, and in no other turn's. */
  readonly marker: string
  readonly replay: ReplayPolicy
  readonly turn: Turn
  readonly results: TurnResult[]
  readonly resent: string[]
  response: ResponseObject | null
  error: TurnError | null
  /** The loop over its events is over. */
  read: boolean
  /** The conversation's history when the response was there. */
  history: readonly HistoryItem[]
}

/** One conversation of a schedule, and what it was asked. */
export class Talk {
  readonly conversation: Conversation
  readonly replay: ReplayPolicy
  readonly asked: Asked[] = []
  readonly #name: string

  constructor(conversation: Conversation, name: string, replay: ReplayPolicy) {
    this.conversation = conversation
    this.#name = name
    this.replay = replay
    conversation.on('turn.settled', ({ result }) => this.#of(result.turnId)?.results.push(result))
    conversation.on('turn.resent', ({ turnId, reason }) => this.#of(turnId)?.resent.push(reason))
  }

  get busy(): boolean {
    return this.conversation.turn !== null
  }

  /** Asks something that no other turn asks; calls that are open get their outputs with it. */
  ask(): Asked {
    const marker = `${this.#name}.${this.asked.length + 1}`
    const outputs = openCalls(this.conversation.history).map((id) => ({
      type: 'function_call_output',
      call_id: id,
      output: 'seen',
    }))
    const input = [...outputs, { type: 'message', role: 'user', content: marker }] as InputItem[]
    const turn = this.conversation.respond(input)
    const asked: Asked = {
      marker,
      replay: this.replay,
      turn,
      results: [],
      resent: [],
      response: null,
      error: null,
      read: false,
      history: [],
    }
    this.asked.push(asked)
    void this.#settle(asked)
    void this.#read(asked)
    return asked
  }

  async #settle(asked: Asked): Promise<void> {
    try {
      asked.response = await asked.turn.response
      asked.history = this.conversation.history
    } catch (error) {
      asked.error = error as TurnError
    }
  }

  async #read(asked: Asked): Promise<void> {
    try {
      for await (const event of asked.turn) void event
    } catch (error) {
      // Whoever reads is told the same as whoever waits.
      if (error !== (await asked.turn.response.catch((thrown: unknown) => thrown))) return
    }
    asked.read = true
  }

  #of(turnId: string): Asked | undefined {
    return this.asked.find(({ turn }) => turn.id === turnId)
  }
}

function openCalls(history: readonly HistoryItem[]): string[] {
  const open = new Set<string>()
  for (const item of history as readonly { type?: string; call_id?: string }[]) {
    if (item.call_id === undefined) continue
    if (item.type === 'function_call') open.add(item.call_id)
    else open.delete(item.call_id)
  }
  return [...open]
}

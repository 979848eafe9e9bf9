import * as fc from 'fast-check'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { SavedConversation } from '../../../src/client/conversation/saved.ts'
import { defineTool } from '../../../src/client/tools/define-tool.ts'
import type { HistoryItem } from '../../../src/client/conversation/history.ts'
import { SimulatedClock, type Turn, createResponsesServer, settle } from '../../../src/testing/index.ts'

/** Calls of one turn, and what goes wrong with that turn when it carries the outputs of the last. */
interface Round {
  readonly tools: readonly Behaviour[]
  readonly fault: Fault
}

type Behaviour = (typeof BEHAVIOURS)[number]
type Fault = (typeof FAULTS)[number]

const BEHAVIOURS = ['gives', 'waits', 'throws', 'hangs', 'asks', 'hears'] as const
const FAULTS = ['none', 'none', 'cut', 'cut before', 'refused', 'failed', 'incomplete'] as const

/** Where the application, or its process, does something at the nth thing that happens in a run. */
interface Trouble {
  readonly at: number
  readonly do: 'abort' | 'throw' | 'restart' | 'close'
}

const rounds = fc.array(
  fc.record({
    tools: fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 3 }),
    fault: fc.constantFrom(...FAULTS),
  }),
  { minLength: 1, maxLength: 3 },
)

const troubles = fc.array(
  fc.record({
    at: fc.nat(12),
    do: fc.constantFrom('abort' as const, 'throw' as const, 'restart' as const, 'close' as const),
  }),
  { maxLength: 4 },
)

/** What follows: a new message, or a run that goes on. */
const says = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })

function turnsOf(all: readonly Round[]): Turn[] {
  return all.map(({ tools, fault }) => {
    const turn: Turn = { calls: tools.map((name) => ({ name, arguments: {} })) }
    switch (fault) {
      case 'cut':
        return { ...turn, faults: [{ at: 'before-terminal', do: 'terminate' }] }
      case 'cut before':
        return { ...turn, faults: [{ at: 'request', do: 'terminate' }] }
      case 'refused':
        return { error: { status: 400, code: 'invalid_prompt', message: 'no' } }
      case 'failed':
        return { ...turn, failed: { code: 'server_error', message: 'no' } }
      case 'incomplete':
        return { ...turn, incomplete: {} }
      default:
        return turn
    }
  })
}

/** An application that keeps a conversation going, whatever goes wrong, and counts what its tools did. */
class Application {
  readonly clock = new SimulatedClock({ settle: () => settle(4) })
  /** How often a tool ran for a call, and what it gave. */
  readonly ran = new Map<string, number>()
  readonly gave = new Map<string, string>()
  readonly #url: string
  readonly #troubles: Trouble[]
  readonly #connections: ResponsesConnection[] = []
  conversation: Conversation
  #happened = 0

  constructor(url: string, all: readonly Trouble[]) {
    this.#url = url
    this.#troubles = [...all]
    this.conversation = this.#connect().conversation(this.#options)
  }

  get #options() {
    return { model: 'm', tools: this.#tools(), replay: 'never' as const }
  }

  /** Nothing more goes wrong. */
  calm(): void {
    this.#troubles.length = 0
  }

  /** One run, or a new message, until it settles. Returns whether all is said. */
  async go(message: string | undefined): Promise<boolean> {
    const abort = new AbortController()
    let restart: SavedConversation | null = null
    const { conversation } = this
    /** Something happens: is this the place for trouble? */
    const happen = (): void => {
      this.#happened += 1
      const at = this.#troubles.findIndex((one) => one.at === this.#happened)
      if (at < 0 || restart !== null) return
      const [trouble] = this.#troubles.splice(at, 1)
      if (trouble?.do === 'throw') throw new Error('a callback throws')
      if (trouble?.do === 'close') conversation.close()
      if (trouble?.do !== 'abort')
        restart = JSON.parse(JSON.stringify(conversation.save())) as SavedConversation
      abort.abort(new Error('given up'))
    }
    const run = conversation.run(message, {
      signal: abort.signal,
      toolTimeoutMs: 1_000,
      maxRounds: 3,
      onTurn: happen,
      onTool: happen,
    })
    const result = await this.#settled(run.catch((error: unknown) => error as Error))
    for (const { callId, state } of this.conversation.openCalls) {
      if (state === 'needs-approval') this.conversation.approve(callId)
    }
    if (restart !== null) this.conversation = this.#connect().restore(restart, this.#options)
    return !(result instanceof Error) && result.status === 'completed' && restart === null
  }

  stop(): void {
    for (const connection of this.#connections) connection.stop()
  }

  async #settled<Value>(promise: Promise<Value>): Promise<Value> {
    const ends: Value[] = []
    void promise.then((value) => ends.push(value))
    for (let step = 0; ends.length === 0; step += 1) {
      if (step > 400) throw new Error('a run does not settle')
      await settle(4)
      if (ends.length === 0) await this.clock.next()
    }
    return ends[0] as Value
  }

  #connect(): ResponsesConnection {
    // The process before is gone, and its sockets with it.
    this.stop()
    const connection = new ResponsesConnection({
      url: this.#url,
      apiKey: 'k',
      clock: this.clock,
      jitter: 'none',
      backoffDelaysMs: [10],
      pingIntervalMs: false,
      maxRetries: 50,
    })
    this.#connections.push(connection)
    return connection
  }

  #tools() {
    const work: Readonly<Record<Behaviour, (signal: AbortSignal) => unknown>> = {
      gives: () => 'given',
      asks: () => 'allowed',
      waits: () => new Promise((resolve) => this.clock.setTimeout(() => resolve('waited'), 100)),
      throws: () => {
        throw new Error('thrown')
      },
      hangs: () => new Promise(() => {}),
      hears: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told')))),
    }
    return BEHAVIOURS.map((name) =>
      defineTool({
        name,
        description: name,
        schema: v.object({}),
        needsApproval: name === 'asks',
        execute: async (_, { signal, callId }) => {
          this.ran.set(callId, (this.ran.get(callId) ?? 0) + 1)
          const given = `${String(await work[name](signal))} ${callId}`
          this.gave.set(callId, given)
          return given
        },
      }),
    )
  }
}

it('no tool runs twice for a call, no output is lost, and the conversation goes on, whatever goes wrong', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, troubles, says, async (all, wrong, speaks) => {
      const server = await createResponsesServer({ turns: turnsOf(all), default: { text: 'done' } })
      const app = new Application(server.url, wrong)
      try {
        await app.go('begin')
        for (const speak of speaks) {
          const goesOn = !speak && app.conversation.openCalls.length > 0
          // What a tool has given so far is in what is saved, whichever way it came here.
          await app.go(goesOn ? undefined : 'go on')
          expect(missing(app)).toEqual([])
        }
        expect([...app.ran.values()].filter((times) => times > 1)).toEqual([])
        app.calm()
        // What is left of the script can still go wrong.
        let tries = 0
        while (!(await app.go('at last'))) expect((tries += 1)).toBeLessThan(all.length * 3 + 2)
        expect(app.conversation.openCalls).toEqual([])
      } finally {
        app.stop()
        await server.close()
      }
    }),
    { numRuns: 40 },
  )
})

/** Outputs of calls that the history knows, and that are in no saved conversation. */
function missing({ conversation, gave }: Application): string[] {
  const { history } = conversation.save()
  const answers = new Map(history.flatMap(answerIn))
  const cutOff = conversation.openCalls.filter(({ state }) => state === 'interrupted')
  const interrupted = new Set(cutOff.map(({ callId }) => callId))
  return [...gave].flatMap(([callId, output]) => {
    const known = answers.get(callId)
    // A tool that gave its output after its process, or its answer, was gone.
    const isCutOff = known?.includes('interrupted') ?? interrupted.has(callId)
    return known === output || isCutOff ? [] : [callId]
  })
}

function answerIn(item: HistoryItem): [string, string][] {
  const { type, call_id: id, output } = item as { type?: string; call_id?: string; output?: unknown }
  return type === 'function_call_output' && id !== undefined ? [[id, String(output)]] : []
}

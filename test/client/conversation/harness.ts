import { onTestFinished } from 'vitest'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ConversationOptions } from '../../../src/client/conversation/options.ts'
import { TurnError } from '../../../src/client/conversation/turn-error.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import type { ConnectionOptions } from '../../../src/client/options.ts'
import { openai } from '../../../src/protocol/index.ts'
import { createWorld } from '../../../src/testing/network/world.ts'
import { type ServerOptions, SimulatedClock, settle } from '../../../src/testing/index.ts'
import { createMemoryServer } from '../../support/memory-transport.ts'

/** Turns of the event loop in which everything between two ends of a stream has come to rest. */
const REST = 4

export interface TalkOptions {
  readonly server?: ServerOptions
  readonly connection?: ConnectionOptions
  readonly conversation?: Partial<ConversationOptions>
}

/** A conversation with the local server, without a network, on one simulated clock. */
export async function talk({
  server: script = {},
  connection: options,
  conversation: settings,
}: TalkOptions = {}) {
  const clock = new SimulatedClock({ settle: rest })
  const { server, socketFactory } = await createMemoryServer({ clock, keepFrames: true, ...script })
  onTestFinished(() => server.close())
  const connection = new ResponsesConnection({
    url: server.url,
    apiKey: 'sk-planted',
    jitter: 'none',
    pingIntervalMs: false,
    clock,
    socketFactory,
    ...options,
    // A profile is believed where it was written for.
    provider: { ...(options?.provider ?? openai), url: server.url },
  })
  onTestFinished(() => void connection.stop())
  const conversation = connection.conversation({ model: 'gpt-6-astra', ...settings })
  const resent: string[] = []
  conversation.on('turn.resent', ({ reason }) => resent.push(reason))
  return {
    clock,
    server,
    connection,
    conversation,
    /** Why turns were sent again, in order. */
    resent,
    /** What the server received as creates, as objects, with the connection that each came on. */
    creates: () =>
      server
        .transcript()
        .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
        .map((entry): Create => ({ ...JSON.parse(String(entry.text)), connection: entry.connection })),
    ask: (text: string, of: Conversation = conversation) => outcomeOf(of.respond(text), clock),
  }
}

/** A conversation over TCP with a gate in between, whose first turn is answered. */
export async function talkThroughGate(
  script: ServerOptions = {},
  settings: Partial<ConversationOptions> = {},
) {
  const world = await createWorld({ script })
  const connection = new ResponsesConnection({
    url: world.url,
    provider: { ...openai, url: world.url },
    apiKey: 'sk-planted',
    clock: world.clock,
  })
  onTestFinished(async () => {
    connection.stop()
    await world.stop()
  })
  const conversation = connection.conversation({ model: 'gpt-6-astra', ...settings })
  const first = conversation.respond('first')
  await world.rest()
  await world.take({ do: 'accept' })
  await first.response
  return { world, conversation }
}

export type Create = Readonly<Record<string, unknown>> & { readonly connection: number | null }

/** What became of a turn, and how long that took on the clock. */
export interface Answered {
  readonly turn: Turn
  readonly text: string | null
  readonly error: TurnError | null
  readonly waitedMs: number
}

/** Moves the clock until the turn settles. */
export async function outcomeOf(turn: Turn, clock: SimulatedClock): Promise<Answered> {
  const began = clock.now()
  const answers: Pick<Answered, 'text' | 'error'>[] = []
  turn.response.then(
    ({ output }) => answers.push({ text: textOf(output), error: null }),
    (error: unknown) => answers.push({ text: null, error: asTurnError(error) }),
  )
  for (let step = 0; answers.length === 0 && step < 200; step += 1) {
    await rest()
    if (answers.length === 0) await clock.next()
  }
  const [answered] = answers
  if (answered === undefined) throw new Error('the turn does not settle')
  return { turn, waitedMs: clock.now() - began, ...answered }
}

export function rest(): Promise<void> {
  return settle(REST)
}

function asTurnError(error: unknown): TurnError {
  if (error instanceof TurnError) return error
  throw error
}

function textOf(output: readonly unknown[]): string {
  return (output as readonly { content?: readonly { text?: string }[] }[])
    .flatMap(({ content }) => content ?? [])
    .map(({ text }) => text ?? '')
    .join('')
}

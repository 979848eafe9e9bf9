import type { InspectionEvent } from 'xstate'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ConversationOptions } from '../../../src/client/conversation/options.ts'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { type LaneLimits, openai } from '../../../src/protocol/providers.ts'
import type { OutsideConversationOptions } from '../model/conversation-outside.ts'
import { TEST_KEY } from '../../../src/testing/model/options.ts'
import { type World, type WorldOptions, createWorld } from '../../../src/testing/network/world.ts'

/** The name under which the server counts the turns of the conversation, and of its forks. */
export const TURN = 'the turn'
/** Turns that run at once on a connection. */
export const LANES = 4
export const MAX_FRAME_BYTES = 4_096
/** The model that the conversation asks. */
export const MODEL = 'gpt-6-astra'

/** More than a path takes, so that every conversation keeps its own. */
const LANE_NAMES = 60
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** A world whose server gives every turn by hand, and refuses every steer. */
export async function stageFor(options: WorldOptions = {}): Promise<World> {
  return await createWorld({
    ...options,
    script: {
      ...options.script,
      limits: { inFlight: LANES, laneNames: LANE_NAMES },
      steering: { failWith: 'response_not_active' },
      default: { byHand: true },
      turns: [{ match: { warmup: true }, byHand: true, times: 1_000 }],
    },
  })
}

/** What such a connection depends on. */
interface QuietOptions extends Pick<OutsideConversationOptions, 'primes'> {
  /** Default: as many as the conversations of a path take. */
  readonly lanes?: LaneLimits
}

/** A connection on which only turns have anything to wait for. */
export function connectTo(
  world: World,
  { primes = true, lanes = { inFlight: LANES, names: LANE_NAMES } }: QuietOptions,
  inspect: (event: InspectionEvent) => void,
): ResponsesConnection {
  return new ResponsesConnection({
    url: world.url,
    apiKey: TEST_KEY,
    provider: { ...openai, url: world.url, lanes, warmUp: primes },
    maxFrameBytes: MAX_FRAME_BYTES,
    pingIntervalMs: false,
    maxAgeMs: false,
    stableAfterMs: LONGEST_DELAY_MS,
    connectTimeoutMs: LONGEST_DELAY_MS,
    maxRetries: 1_000,
    random: () => 0,
    backoffDelaysMs: [0],
    minRetryDelayMs: 0,
    clock: world.clock,
    socketFactory: world.socketFactory,
    inspect,
  })
}

/** The connection opens, and a conversation begins on it as the options have it. */
export async function beginConversation(
  world: World,
  connection: ResponsesConnection,
  options: OutsideConversationOptions,
): Promise<Conversation> {
  const { begins = 'new' } = options
  // What compacts a history is loaded when it is needed, and nobody could tell how long that takes.
  await import('../../../src/http/index.ts')
  void connection.connect()
  await world.clock.advance(0)
  await world.take({ do: 'accept' })
  const settings = settingsOf(options)
  if (begins === 'new') return connection.conversation(settings)
  const lane = begins === 'restored' ? { lane: 'another' } : {}
  const first = connection.conversation({ ...settings, ...lane, store: begins === 'restored' })
  first.respond('before')
  await world.clock.advance(0)
  for (const turn of world.server.turnsByHand())
    turn.end('completed', { output: [{ type: 'text', text: 'so' }] })
  await world.clock.advance(0)
  const conversation =
    begins === 'fork'
      ? first.fork({ lane: 'mine' })
      : connection.restore({ ...first.save(), lane: null, turns: 0 }, settings)
  first.close()
  return conversation
}

function settingsOf(options: OutsideConversationOptions): ConversationOptions {
  const { policy = 'safe', firstEventMs = 90_000, interEventMs = 900_000, store = false } = options
  return {
    model: MODEL,
    metadata: { turn: TURN },
    replay: policy,
    firstEventTimeoutMs: firstEventMs,
    eventTimeoutMs: interEventMs,
    store,
  }
}

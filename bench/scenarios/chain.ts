import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { FRAME_CHANNEL, type FrameNote } from '../../src/socket/index.ts'
import { timedEach } from '../harness/cpu.ts'
import { type Scenario, kibibytes, microseconds, plain } from '../harness/scenario.ts'
import { urlOf } from '../server/spec.ts'
import { openConnection } from '../ways/holdline.ts'

const WAY = 'Holdline, one conversation'

/** Turns before the CPU of a turn means anything, and turns that are measured together: a single one is too short. */
const SETTLED = 10
const WINDOW = 100

export const chain: Scenario = {
  name: 'chain',
  title: 'A long chain',
  about:
    'One conversation of many turns: what its last turns cost, of what its first cost. Each turn adds two items to the ' +
    'history.',
  ways: [WAY],
  metrics: [
    { id: 'bytesEarly', label: 'bytes sent, turn 2', show: kibibytes },
    { id: 'bytesLate', label: 'bytes sent, last turn', show: kibibytes },
    { id: 'bytesGrowth', label: 'bytes, last of turn 2', show: plain },
    { id: 'cpuEarly', label: 'CPU of a turn, turn 10 on', show: microseconds },
    { id: 'cpuLate', label: 'CPU of a turn, to the last', show: microseconds },
    { id: 'cpuGrowth', label: 'CPU, last of turn 10', show: plain },
  ],
  goals: [
    {
      what: 'bytes of turn 1,000, of turn 2',
      way: WAY,
      metric: 'bytesGrowth',
      as: 'value',
      atMost: 1.05,
    },
    { what: 'CPU of turn 1,000, of turn 10', way: WAY, metric: 'cpuGrowth', as: 'value', atMost: 1.1 },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { turns: 300 } }
      : { rounds: 15, warmUps: 3, size: { turns: 1_000 } },
  async open(_way, server, { turns = 0 }) {
    const connection = await openConnection(urlOf(server, { frames: 1 }))
    const run = async () => {
      const conversation = connection.conversation({ model: 'm', instructions: 'Answer briefly.' })
      const turn = async (): Promise<void> => void (await conversation.respond('Go on.').response)
      const go = async (count: number): Promise<void> => {
        for (let done = 0; done < count; done += 1) await turn()
      }
      await go(1)
      const bytesEarly = await bytesOf(turn)
      await go(SETTLED - 2)
      const early = await timedEach(WINDOW, () => go(WINDOW))
      await go(turns - SETTLED - 2 * WINDOW - 1)
      const late = await timedEach(WINDOW, () => go(WINDOW))
      const bytesLate = await bytesOf(turn)
      conversation.close()
      const [cpuEarly = 0, cpuLate = 0] = [early['user'], late['user']]
      return {
        bytesEarly,
        bytesLate,
        bytesGrowth: bytesLate / bytesEarly,
        cpuEarly,
        cpuLate,
        cpuGrowth: cpuLate / cpuEarly,
      }
    }
    return { round: run }
  },
}

/** Bytes of the messages that are sent meanwhile. */
async function bytesOf(work: () => Promise<void>): Promise<number> {
  let bytes = 0
  const count = (message: unknown): void => {
    const note = message as FrameNote
    if (note.direction === 'out' && note.kind === 'message') bytes += note.bytes
  }
  subscribe(FRAME_CHANNEL, count)
  await work()
  unsubscribe(FRAME_CHANNEL, count)
  return bytes
}

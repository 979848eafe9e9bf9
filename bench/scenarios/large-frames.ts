import { timedEach } from '../harness/cpu.ts'
import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import { bare } from '../ways/bare.ts'
import { iterator, onClass } from '../ways/holdline.ts'
import { onOpenai } from '../ways/openai.ts'
import { type OpenTalker, endpointOf } from '../ways/talker.ts'

const READERS: Readonly<Record<string, OpenTalker>> = {
  'bare `ws` and `JSON.parse`': bare,
  'Holdline, callback': onClass,
  'Holdline, `for await` over a turn': iterator,
  '`openai`, callback': onOpenai,
}

const KIB = 1024
const SIZES: Readonly<Record<string, number>> = {
  '64 KiB': 64 * KIB,
  '512 KiB': 512 * KIB,
  '4 MiB': 4096 * KIB,
}

/** Each size has to be compared with the bare socket at the same size, so each is a scenario of its own. */
export const largeFrames: readonly Scenario[] = Object.entries(SIZES).map(([label, bytes]) => ({
  name: `large-${label.replace(' ', '').toLowerCase()}`,
  title: `Frames of ${label}`,
  about: `CPU time of the client for each delta frame of ${label}.`,
  ways: Object.keys(READERS),
  metrics: [
    { id: 'user', label: 'CPU, user', show: microseconds },
    { id: 'cpu', label: 'CPU, user and system', show: microseconds },
  ],
  goals: [{ what: label, way: 'Holdline, callback', metric: 'cpu', atMost: 1.05 }],
  plan: (quick) => ({
    rounds: quick ? 1 : 11,
    warmUps: quick ? 1 : 2,
    size: { frames: Math.ceil(((quick ? 8 : 128) * KIB * KIB) / bytes), bytes },
  }),
  async open(way, server, { frames = 0, bytes: size = 0 }) {
    const to = endpointOf(server, { frames, bytes: size })
    let characters = 0
    const talker = await wayOf(READERS, way)(to, (delta) => void (characters += delta.length))
    return { round: () => timedEach(frames, () => talker.turn()) }
  },
}))

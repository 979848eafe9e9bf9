import { timedEach } from '../harness/cpu.ts'
import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import { FETCHES } from '../ways/ai-sdk.ts'
import { iterator } from '../ways/holdline.ts'
import { type Endpoint, endpointOf } from '../ways/talker.ts'

/** Reads a streamed answer as bytes: what a client makes of them is its own. */
async function read(under: typeof fetch, { baseURL }: Endpoint): Promise<number> {
  const response = await under(`${baseURL}/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-bench', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', input: [{ role: 'user', content: 'Go on.' }], stream: true }),
  })
  let bytes = 0
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length
  return bytes
}

const CONVERSATION = 'a conversation, `for await` over a turn'

export const fetchFrames: Scenario = {
  name: 'fetch-frames',
  title: 'A streamed frame under a client',
  about:
    'CPU time of the process for each delta frame of 250 bytes, until a client has the bytes of the answer. ' +
    'For comparison, the same frames as events of a conversation.',
  ways: [...Object.keys(FETCHES), CONVERSATION],
  metrics: [
    { id: 'user', label: 'CPU, user', show: microseconds },
    { id: 'cpu', label: 'CPU, user and system', show: microseconds },
  ],
  goals: [
    { what: 'of plain HTTP', way: '`holdline/fetch`', metric: 'user', atMost: 1 },
    { what: 'of a conversation', way: '`holdline/fetch`', metric: 'user', of: CONVERSATION, atMost: 1.3 },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { frames: 8_000 } }
      : { rounds: 7, warmUps: 2, size: { frames: 50_000 } },
  async open(way, server, { frames = 0 }) {
    const to = endpointOf(server, { frames, bytes: 250 })
    if (way === CONVERSATION) {
      const talker = await iterator(to, () => {})
      return { round: () => timedEach(frames, () => talker.turn()) }
    }
    const under = await wayOf(FETCHES, way)(to)
    return {
      async round() {
        let bytes = 0
        const sample = await timedEach(frames, async () => void (bytes = await read(under, to)))
        if (bytes < frames * 250) throw new Error(`${way} lost a frame`)
        return sample
      },
    }
  },
}

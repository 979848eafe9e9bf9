import { timedEach } from '../harness/cpu.ts'
import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import { bareSocket } from '../ways/bare.ts'
import { openConnection } from '../ways/holdline.ts'
import { openLane, openSocket } from '../ways/openai.ts'
import { CREATE, type Endpoint, Wait, endpointOf } from '../ways/talker.ts'

type Heard = (delta: string) => void
/** Opens a connection with so many lanes, and gives a function that runs one turn on each at the same time. */
type OpenLanes = (to: Endpoint, lanes: number, heard: Heard) => Promise<() => Promise<void>>

const nameOf = (lane: number): string | undefined => (lane === 0 ? undefined : `lane-${lane}`)
const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

const bareLanes: OpenLanes = async ({ url }, lanes, heard) => {
  let left = 0
  const end = new Wait()
  const socket = await bareSocket(url, (frame) => {
    if (frame.type === 'response.output_text.delta') heard(frame.delta)
    else if (frame.type === 'response.completed') {
      left -= 1
      if (left === 0) end.done()
    }
  })
  const creates = numbers(lanes).map((lane) => {
    const name = nameOf(lane)
    return JSON.stringify({ ...CREATE, ...(name !== undefined && { stream_id: name }) })
  })
  return () => {
    left = lanes
    return end.begin(() => creates.forEach((create) => socket.send(create)))
  }
}

const holdlineLanes: OpenLanes = async ({ url }, lanes, heard) => {
  const connection = await openConnection(url)
  const conversations = numbers(lanes).map(() => connection.conversation({ model: 'm' }))
  return async () => {
    await Promise.all(
      conversations.map(async (conversation) => {
        for await (const event of conversation.respond('Go on.')) {
          if (event.type === 'response.output_text.delta') heard(event.delta)
        }
      }),
    )
  }
}

const openaiLanes: OpenLanes = async (to, count, heard) => {
  const socket = await openSocket(to)
  const lanes = numbers(count).map((lane) => openLane(socket, nameOf(lane)))
  const { type: _, ...request } = { ...CREATE, input: [...CREATE.input] }
  return async () => {
    await Promise.all(
      lanes.map(async (lane) => {
        lane.create(request)
        for (;;) {
          const event = await lane.receive()
          if (event.type === 'response.output_text.delta') heard(String(event.delta))
          else if (event.type === 'response.completed') return
        }
      }),
    )
  }
}

const WAYS: Readonly<Record<string, readonly [OpenLanes, number]>> = {
  'bare `ws`, 16 lanes': [bareLanes, 16],
  'Holdline, 1 lane': [holdlineLanes, 1],
  'Holdline, 16 lanes': [holdlineLanes, 16],
  '`openai`, 1 lane': [openaiLanes, 1],
  '`openai`, 16 lanes': [openaiLanes, 16],
}

export const lanes: Scenario = {
  name: 'lanes',
  title: 'Lanes of one connection',
  about:
    'CPU time of the client for each delta frame of 250 bytes, read with `for await`; with 16 lanes the frames of 16 ' +
    'responses come in turn.',
  ways: Object.keys(WAYS),
  metrics: [{ id: 'user', label: 'CPU, user', show: microseconds }],
  goals: [
    {
      what: '16 lanes, of one lane',
      way: 'Holdline, 16 lanes',
      metric: 'user',
      of: 'Holdline, 1 lane',
      atMost: 1.15,
    },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { frames: 16_000 } }
      : { rounds: 9, warmUps: 2, size: { frames: 160_000 } },
  async open(way, server, { frames = 0 }) {
    const [open, count] = wayOf(WAYS, way)
    let characters = 0
    const to = endpointOf(server, { frames: frames / count, lanes: count })
    const round = await open(to, count, (delta) => void (characters += delta.length))
    return { round: () => timedEach(frames, round) }
  },
}

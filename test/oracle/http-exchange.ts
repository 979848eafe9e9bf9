import { Buffer } from 'node:buffer'
import { answerOf } from './answer.ts'
import { problemOf } from './context.ts'
import { REFUSALS, errorFrame } from './error-shapes.ts'
import type { Peer } from './peer.ts'
import type { CreateRecord, Item } from './records.ts'
import type { AnswerPlan, RefusalName } from './schedule.ts'
import type { Endpoint } from './session.ts'

/** Answers one create over HTTP: events as they happen, and the end of the connection as the end of the stream. */
export function answerOverHttp(peer: Peer, endpoint: Endpoint, create: CreateRecord, body: Item): void {
  const { stored, dialect, freshId } = endpoint
  const before = create.previousId === null ? [] : (stored.get(create.previousId) ?? null)
  create.context = before === null ? null : [...before, ...create.input]
  create.problem = create.context === null ? null : problemOf(create.context)
  if (create.context === null) return refuse(peer, create, 'not-found')
  if (create.problem !== null) return refuse(peer, create, 'bad-request')
  const plan = endpoint.nextPlan()
  if (plan.kind === 'refuse') return refuse(peer, create, plan.refusal ?? 'bad-request')
  create.fate = 'ran'
  const id = freshId()
  const isKept = body['store'] !== false
  const answer = answerOf(
    plan,
    { ...dialect, ids: 'own' },
    {
      n: create.n,
      context: create.context,
      isWarmUp: false,
      label: null,
      stored: isKept,
      id: () => id,
    },
  )
  peer.push(Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n'))
  const cutAt = plan.cut === undefined ? -1 : Math.floor(plan.cut.share * answer.acts.length)
  let afterMs = 0
  for (const [at, act] of answer.acts.entries()) {
    afterMs += act.afterMs
    if (at === cutAt) {
      // Ending it drops what still waits in the queue, so the end waits its turn.
      peer.push(Buffer.alloc(0), afterMs, () => peer.end(cutOf(plan)))
      return
    }
    if (act.do === 'end-of-answer') peer.push(Buffer.alloc(0), afterMs, () => peer.end('fin'))
    if (act.do !== 'event' || act.what === 'notice') continue
    const { what, event } = act
    const written = { at: endpoint.time.now(), what, isDelivered: false }
    peer.push(
      Buffer.from(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`),
      afterMs,
      () => {
        create.events.push({ ...written, at: endpoint.time.now(), isDelivered: true })
        if (what !== 'terminal' && what !== 'error') return
        create.output ??= answer.output
        create.outcome ??= answer.outcome
        if (isKept && what === 'terminal') stored.set(id, [...(create.context ?? []), ...answer.output])
      },
    )
    afterMs = 0
  }
}

function cutOf({ cut }: AnswerPlan): 'fin' | 'rst' | 'half-open' {
  return cut === undefined || cut.how === 'close' ? 'fin' : cut.how
}

function refuse(peer: Peer, create: CreateRecord, name: RefusalName): void {
  create.fate = 'refused'
  const { type: _type, status: _status, ...body } = errorFrame(name, 'nested')
  const { status } = REFUSALS[name]
  const text = JSON.stringify(body)
  peer.push(
    Buffer.from(
      `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n` +
        `connection: close\r\n\r\n${text}`,
    ),
    0,
    () => peer.end('fin'),
  )
}

import { type AnyActorRef, createActor, fromCallback } from 'xstate'
import { type LineCommand } from '../../../machines/line/types.ts'
import {
  HTTP,
  type LaneGranted,
  type LaneLost,
  type LaneRefused,
  type LineMoved,
} from '../../../machines/line/lane-news.ts'
import type { LineStep } from '../model/line-steps.ts'

type Told = LaneGranted | LaneLost | LaneRefused | LineMoved
type AskerStep = Extract<LineStep, { readonly who: string }>

const CONVERSATION = {
  wantedLane: null,
  policy: 'safe',
  limits: { firstEventMs: null, interEventMs: null },
  primes: false,
  chain: null,
} as const

/** Those who ask a line for lanes, in the place of conversations. */
export class LineAskers {
  /** What they were told since `forget`, as a view of the line shows it. */
  told: string[] = []
  readonly #send: (command: LineCommand) => void
  readonly #begins: (granted: LaneGranted) => void
  readonly #actors = new Map<string, AnyActorRef>()
  readonly #leases = new Map<string, LaneGranted>()
  readonly #tails = new Map<string, LaneGranted>()
  readonly #waiting = new Set<string>()

  /** @param begins called for each turn that gets a lane of a socket, at once */
  constructor(send: (command: LineCommand) => void, begins: (granted: LaneGranted) => void) {
    this.#send = send
    this.#begins = begins
  }

  /** Who has a lane, or left one with a tail. */
  get holders(): readonly (readonly string[])[] {
    return [[...this.#leases.keys()].toSorted(), [...this.#tails.keys()].toSorted()]
  }

  forget(): void {
    this.told = []
  }

  /** Does a step; one that makes no sense for who holds a lane, waits for one, or does neither, does nothing. */
  take(step: AskerStep): void {
    const { who } = step
    const isIdle = !this.#waiting.has(who) && !this.#leases.has(who)
    switch (step.do) {
      case 'ask':
        if (!isIdle) return
        this.#waiting.add(who)
        return this.#send({
          type: 'lane.request',
          conversationId: who,
          replyTo: this.#actorOf(who),
          wanted: null,
        })
      case 'open':
        return this.#send({ type: 'conversation.open', conversationId: who, input: CONVERSATION })
      case 'withdraw':
        if (this.#waiting.delete(who)) this.#send({ type: 'lane.withdraw', conversationId: who })
        return
      case 'leave':
        if (this.#leases.has(who)) return
        this.#waiting.delete(who)
        return this.#send({ type: 'conversation.close', conversationId: who })
      default:
        return this.#takeLane(step)
    }
  }

  #takeLane(step: AskerStep): void {
    const { who } = step
    const lease = (step.do === 'drained' ? this.#tails : this.#leases).get(who)
    if (lease === undefined) return
    const { connectionKey, lane } = lease
    switch (step.do) {
      case 'release': {
        const { tail = false } = step
        this.#leases.delete(who)
        if (tail) this.#tails.set(who, lease)
        return this.#send({ type: 'lane.release', connectionKey, lane, tail })
      }
      case 'exhausted':
        if (lane === null) return
        this.#leases.delete(who)
        return this.#send({ type: 'lane.exhausted', connectionKey, lane })
      case 'drained':
        this.#tails.delete(who)
        return this.#send({ type: 'lane.drained', connectionKey, lane })
      case 'unusable':
        this.#leases.delete(who)
        return this.#send({ type: 'lane.unusable', connectionKey, lane })
      default:
        return this.#send({ type: 'line.renew', connectionKey })
    }
  }

  #actorOf(who: string): AnyActorRef {
    const known = this.#actors.get(who)
    if (known !== undefined) return known
    const actor = createActor(
      fromCallback<Told>(({ receive }) => receive((event) => this.#hear(who, event))),
    ).start()
    this.#actors.set(who, actor)
    return actor
  }

  #hear(who: string, event: Told): void {
    if (event.type === 'line.moved') {
      this.told.push(`${who}: moved to ${event.connectionKey}`)
      return
    }
    if (event.type === 'lane.lost') {
      this.#leases.delete(who)
      this.told.push(`${who}: lost ${event.connectionKey}`)
      return
    }
    this.#waiting.delete(who)
    if (event.type === 'lane.refused') this.told.push(`${who}: refused ${event.code}`)
    else {
      this.#leases.set(who, event)
      if (event.connectionKey !== HTTP) this.#begins(event)
      this.told.push(`${who}: ${event.connectionKey} ${event.lane ?? 'default'} ${event.laneSerial}`)
    }
  }
}

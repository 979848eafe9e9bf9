import type { TurnEvent } from '../../../machines/turn/types.ts'
import { HoldlineError } from '../../protocol/errors.ts'
import type { InputItem, ResponseSteerEvent, ServerEvent } from '../../protocol/index.ts'
import type { ConversationActorRef } from '../line-machine.ts'
import { Steer, isSteering } from './steer.ts'

/** The steers of one conversation, in the order in which they were sent. */
export class Steering {
  readonly #conversation: ConversationActorRef
  #steers: Steer[] = []
  #count = 0

  constructor(conversation: ConversationActorRef) {
    this.#conversation = conversation
  }

  /** @throws {HoldlineError} `ERR_BAD_INPUT`, or what sending throws */
  begin(targetId: string, input: readonly InputItem[], send: (event: ResponseSteerEvent) => void): Steer {
    if (input.length === 0 || !input.every(isUserMessage)) throw onlyUserMessages()
    send({
      type: 'response.steer',
      previous_response_id: targetId,
      input: input as ResponseSteerEvent['input'],
    })
    this.#count += 1
    const steerKey = `steer-${this.#count}`
    this.#conversation.send({ type: 'steer.begin', steerKey, targetId })
    const actor = this.#conversation.getSnapshot().context.steers[steerKey]
    if (actor === undefined) throw new TypeError('the chart spawns a steer when it begins')
    const steer = new Steer(actor, input)
    this.#steers = [...this.#steers.filter(({ isOver }) => !isOver), steer]
    return steer
  }

  /** An event of the server's about a steer. The turn is told, because a successor may come by itself. */
  receive(event: ServerEvent, tell: (fact: TurnEvent) => void): void {
    if (!isSteering(event)) return
    const steer = this.#steers.find((one) => !one.isOver && one.isMeantBy(event))
    if (steer === undefined) return
    const wasTaken = steer.isTaken
    steer.tell(event)
    if (!wasTaken && steer.isTaken) tell({ type: 'turn.steerAccepted' })
    else if (wasTaken && steer.isOver) tell({ type: 'turn.steerClosed' })
  }

  /** Steers that the server has taken and not applied yet. */
  get held(): number {
    return this.#steers.filter(({ isTaken }) => isTaken).length
  }

  /**
   * Input of the steers that the server has taken and not applied yet: it puts it before the next input by itself,
   * where it waits for tool outputs.
   */
  taken(): InputItem[] {
    return this.#steers.filter(({ isTaken }) => isTaken).flatMap(({ input }) => [...input])
  }

  /** A response was created: what was taken is part of it. */
  committed(): void {
    for (const steer of this.#steers.filter(({ isTaken }) => isTaken)) steer.tell('committed')
  }

  /**
   * The turn has ended with an answer. The server answers in order, so what it has not taken by then came after the
   * end; its saying so reaches nobody any more.
   */
  close(): void {
    for (const steer of this.#steers) if (steer.state === 'sent') steer.tell('late')
  }

  /** The connection went, and steers that waited there died with it; or nobody listens for their end any more. */
  cut(): void {
    for (const steer of this.#steers) steer.tell('cut')
  }
}

function isUserMessage(item: InputItem): boolean {
  const { type, role } = item as { type?: string; role?: string }
  return (type === undefined || type === 'message') && role === 'user'
}

function onlyUserMessages(): HoldlineError {
  return new HoldlineError(
    'ERR_BAD_INPUT',
    'A steer takes user messages only, at least one. Nothing was sent. Give tool outputs with the next turn.',
  )
}

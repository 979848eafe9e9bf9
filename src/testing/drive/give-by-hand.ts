import type { TurnStep } from '../model/turn-steps.ts'
import type { TurnByHand } from '../server/by-hand.ts'

/** What a server does in a turn, in the words of {@link TurnStep}. */
export type ServerTurnStep = Extract<
  TurnStep,
  { do: 'heard' | 'created' | 'output' | 'ended' | 'errored' | 'steer closed' }
>

/**
 * Has the server do one step of a turn that it gives by hand (`byHand` in its script, found by
 * `server.turnsByHand()`): one event on the wire, and nothing else. A turn that is over does nothing.
 */
export function giveByHand(turn: TurnByHand, step: ServerTurnStep): void {
  switch (step.do) {
    case 'heard':
      return turn.write({ type: 'keepalive' })
    case 'created':
      return turn.created()
    case 'output':
      return turn.delta()
    case 'ended':
      if (step.waits === true) turn.item({ type: 'call', name: 'look' })
      return turn.end(step.end, step.code)
    case 'errored': {
      const { code, status, retryAfterMs } = step
      const headers = retryAfterMs === undefined ? {} : { headers: { 'retry-after-ms': retryAfterMs } }
      return turn.error({ code, status, ...headers })
    }
    case 'steer closed':
      return turn.failSteer()
  }
}

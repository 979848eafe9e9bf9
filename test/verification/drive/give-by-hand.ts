import type { TurnStep } from '../model/turn-steps.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'

/** What a server does in a turn, in the words of {@link TurnStep}. */
export type ServerTurnStep = Extract<
  TurnStep,
  { do: 'heard' | 'created' | 'output' | 'ended' | 'errored' | 'steer closed' }
>

const OUTPUT = { call: { type: 'call', name: 'look' }, text: { type: 'text', text: 'some text' } } as const

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
      return turn.end(step.end, { code: step.code, output: [OUTPUT[step.waits === true ? 'call' : 'text']] })
    case 'errored': {
      const { code, status, retryAfterMs } = step
      const headers = retryAfterMs === undefined ? {} : { headers: { 'retry-after-ms': retryAfterMs } }
      return turn.error({ code, status, ...headers })
    }
    case 'steer closed':
      return turn.failSteer()
  }
}

import { HoldlineError } from '../../protocol/errors.ts'

/** A conversation runs one turn at a time. */
export function busy(): HoldlineError {
  return new HoldlineError(
    'ERR_BUSY',
    'The conversation runs a turn already. Nothing was sent. Wait for turn.response, or fork the conversation.',
  )
}

export function notSteerable(problem: string): HoldlineError {
  return new HoldlineError(
    'ERR_NOT_STEERABLE',
    `The turn ${problem}. Nothing was sent. Put the message into the next turn.`,
  )
}

/** The socket that a turn was planned for went before it could be sent. */
export function socketGone(): HoldlineError {
  return new HoldlineError(
    'ERR_NOT_OPEN',
    'The connection is gone. The event was not sent. Send it on another.',
  )
}

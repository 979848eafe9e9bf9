import { HoldlineError } from '../../protocol/errors.ts'

/** A conversation runs one turn at a time. */
export function busy(): HoldlineError {
  return new HoldlineError(
    'ERR_BUSY',
    'The conversation runs a turn already. Nothing was sent. Wait for turn.response, or fork the conversation.',
  )
}

/** A second reader would take events from the first. */
export function alreadyRead(): HoldlineError {
  return new HoldlineError(
    'ERR_ALREADY_READ',
    'The events of the turn have a reader already. Nothing was read. Call turn.tee() before the first one reads.',
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

/** Without `generate: false` a warm-up would be a turn, and cost as much. */
export function noWarmUp(): HoldlineError {
  return new HoldlineError(
    'ERR_BAD_EVENT',
    'The endpoint has no warm-up. Nothing was sent. Start with a turn: it prepares the connection as well.',
  )
}

export function noWarmUpOverHttp(): HoldlineError {
  return new HoldlineError(
    'ERR_TRANSPORT_UNAVAILABLE',
    'Turns go over HTTP, which has no warm-up. Nothing was sent. Start with a turn.',
  )
}

import type { FullReason, ResendReason } from '../../../index.ts'

/** Why a whole history is sent, to be put behind it. */
export const REASONS: Readonly<Record<FullReason, string>> = Object.freeze({
  'no-chain': '',
  'nothing-new': '',
  'other-connection': ': the connection is new',
  'other-lane': ': the lane is new',
  'other-model': ': another model is asked',
  replay: ': the server has forgotten it',
})

/** Why Holdline sends a turn again. */
export const RESENDS: Readonly<Record<ResendReason, string>> = Object.freeze({
  replay: 'the chain is lost',
  'fresh-connection': 'the connection is too old',
  'another-lane': 'the connection takes no further lane',
  renew: 'the key has to be renewed',
  wait: 'the server asked for a pause',
  'back-off': 'the server is busy',
  unanswered: 'nothing came back',
})

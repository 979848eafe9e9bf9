import type * as v from 'valibot'
import type { connectionFault, errorFormSchema, errorFrame, faultPoint, turnFault } from './faults.ts'
import type { scriptSchema, upgradeAnswer } from './schema.ts'
import type { turn } from './turn.ts'

/** The whole script of a server, as JSON holds it. */
export type Script = v.InferInput<typeof scriptSchema>
/** What the server does for one request. */
export type Turn = v.InferInput<typeof turn>
/** How one upgrade is answered. */
export type UpgradeAnswer = v.InferInput<typeof upgradeAnswer>
/** What goes wrong in a turn, and at which point. */
export type TurnFault = v.InferInput<typeof turnFault>
/** What goes wrong on a connection. */
export type ConnectionFault = v.InferInput<typeof connectionFault>
/** Where in a turn a fault strikes. */
export type FaultPoint = v.InferInput<typeof faultPoint>
/** The content of an `error` frame. */
export type ErrorFrame = v.InferInput<typeof errorFrame>
/** The wire form of an `error` frame. */
export type ErrorForm = v.InferInput<typeof errorFormSchema>
/** One output item of a turn. */
export type OutputItem = NonNullable<Turn['output']>[number]

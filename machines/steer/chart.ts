import { assign, setup } from 'xstate'

/** How a steer has ended. `unknown`: the connection went after the server had taken it. */
export type SteerOutcome = 'committed' | 'failed' | 'unknown'

export interface SteerContext {
  /** The response that it was sent to. */
  readonly targetId: string
  /** The server's id, once it has given one. */
  readonly steerId: string | null
  /** Why it failed, by the server's code. */
  readonly code: string | null
}

export type SteerEvent =
  | { readonly type: 'steer.accepted'; readonly steerId: string }
  /** The target waits for tool outputs; the steer goes in before them. */
  | { readonly type: 'steer.pending'; readonly steerId: string }
  /** The successor of the target was created: this is the commit point. */
  | { readonly type: 'steer.committed' }
  | { readonly type: 'steer.failed'; readonly steerId: string | null; readonly code: string }
  /** The connection ended: steers that wait there die with it. */
  | { readonly type: 'steer.cut' }

/**
 * One `response.steer`: `sent → accepted → (pending) →` `committed`, `failed`, or `unknown` after a loss. An
 * accepted steer belongs to the server and is never sent again (steering guide).
 */
export const steerChart = setup({
  types: {} as {
    context: SteerContext
    input: { readonly targetId: string }
    events: SteerEvent
    output: SteerContext & { readonly outcome: SteerOutcome }
  },
  actions: {
    note: assign(({ event }) => ({
      ...('steerId' in event && event.steerId !== null && { steerId: event.steerId }),
      ...('code' in event && { code: event.code }),
    })),
  },
}).createMachine({
  id: 'steer',
  context: ({ input }) => ({ targetId: input.targetId, steerId: null, code: null }),
  initial: 'sent',
  on: {
    'steer.failed': { target: '.failed', actions: 'note' },
    'steer.cut': '.unknown',
  },
  states: {
    sent: {
      on: {
        'steer.accepted': { target: 'accepted', actions: 'note' },
        'steer.pending': { target: 'pending', actions: 'note' },
      },
    },
    accepted: {
      on: { 'steer.pending': { target: 'pending', actions: 'note' }, 'steer.committed': 'committed' },
    },
    pending: { on: { 'steer.committed': 'committed' } },
    committed: { type: 'final', output: { outcome: 'committed' } },
    failed: { type: 'final', output: { outcome: 'failed' } },
    unknown: { type: 'final', output: { outcome: 'unknown' } },
  },
  output: ({ context, event }) => ({
    ...context,
    outcome: (event.output as { outcome: SteerOutcome }).outcome,
  }),
})

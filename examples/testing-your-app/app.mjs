import { connectionMachine } from 'holdline'
import { sendTo, setup } from 'xstate'

const lineIs =
  (name) =>
  ({ event }) =>
    event.snapshot.matches(name)

/** An app that shows whether its line is up, and lets its user give up and start over. */
export const appMachine = setup({ actors: { line: connectionMachine } }).createMachine({
  id: 'app',
  context: ({ input }) => input,
  initial: 'off',
  states: {
    off: { on: { START: 'on' } },
    on: {
      initial: 'starting',
      invoke: {
        id: 'line',
        src: 'line',
        input: ({ context }) => context,
        onSnapshot: [
          { guard: lineIs('idle'), actions: sendTo('line', { type: 'connect' }) },
          { guard: lineIs('open'), target: '.online' },
          { guard: lineIs('reconnecting'), target: '.degraded' },
          { guard: lineIs('closed'), target: '.failed' },
        ],
      },
      on: { STOP: 'off' },
      states: {
        starting: {},
        online: {},
        degraded: {},
        failed: { on: { START: { target: '#app.on', reenter: true } } },
      },
    },
  },
})

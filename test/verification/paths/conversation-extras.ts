import type { OutsideConversationOptions } from '../model/conversation-outside.ts'
import type { ConversationStep } from '../model/conversation-steps.ts'
import type { ExtraPath } from '../../../src/testing/paths/subject.ts'

const respond: ConversationStep = { do: 'respond' }
const created: ConversationStep = { do: 'created' }
const ended: ConversationStep = { do: 'ended', end: 'completed' }
const stored: ConversationStep = { ...ended, stored: true }
const left: ConversationStep = { do: 'errored', code: 'websocket_connection_limit_reached', status: 400 }
const forgotten: ConversationStep = { do: 'errored', code: 'previous_response_not_found', status: 400 }

const grant = (socket: number): ConversationStep => ({ do: 'grant', socket })
const grantMine = (socket: number): ConversationStep => ({ do: 'grant', socket, lane: 'mine' })
const moved = (socket: number): ConversationStep => ({ do: 'moved', socket })
/** A turn that ends well. */
const turn = (socket: number): readonly ConversationStep[] => [respond, grant(socket), created, ended]
const storedTurn = (socket: number): readonly ConversationStep[] => [respond, grant(socket), created, stored]
const forkedTurn = (socket: number): readonly ConversationStep[] => [
  respond,
  grantMine(socket),
  created,
  ended,
]

/** How a conversation goes on after whatever has come between: what of it the server still has shows in what is sent. */
export const CONVERSATION_EXTRAS: readonly ExtraPath<ConversationStep, OutsideConversationOptions>[] = [
  {
    goal: 'every turn sends what is new',
    options: {},
    steps: [...turn(1), ...turn(1), ...turn(1)],
  },
  {
    goal: 'a turn that was cut is sent again on the next socket',
    options: { policy: 'unanswered' },
    steps: [
      ...turn(1),
      respond,
      grant(1),
      { do: 'cut' },

      grant(2),
      created,
      ended,
      ...turn(2),
    ],
  },
  {
    goal: 'a turn that was cut is lost, and the next one sends the history',
    options: {},
    steps: [...turn(1), respond, grant(1), created, { do: 'cut' }, ...turn(2), ...turn(2)],
  },
  {
    goal: 'a warm-up that could not leave gets another lane, and gives the first one back',
    options: {},
    steps: [
      ...turn(1),
      { do: 'prime' },
      { do: 'grant', socket: 1, unsent: 'not open' },
      grant(2),
      created,
      ended,
      ...turn(2),
    ],
  },
  {
    goal: 'the line moves, and what the server knew is loaded there',
    options: {},
    steps: [
      ...turn(1),
      moved(2),
      grant(2),
      created,
      ended,
      ...turn(2),
      moved(3),
      grant(3),
      ended,
      ...turn(3),
    ],
  },
  {
    goal: 'the line moves, and a turn does not wait until everything is loaded',
    options: {},
    steps: [...turn(1), moved(2), grant(2), ...turn(2), ...turn(2)],
  },
  {
    goal: 'the line moves, and the endpoint knows no warm-ups',
    options: { primes: false },
    steps: [...turn(1), moved(2), ...turn(2), ...turn(2)],
  },
  {
    goal: 'a socket is left in the middle of a turn',
    options: {},
    steps: [...turn(1), respond, grant(1), left, grant(2), created, ended, ...turn(2)],
  },
  {
    goal: 'a socket is left, no other can be had, and then it goes as well',
    options: {},
    steps: [...turn(1), respond, grant(1), left, { do: 'refuse' }, ...turn(2), ...turn(2)],
  },
  {
    goal: 'no socket can be had, and then one can',
    options: {},
    steps: [...turn(1), respond, { do: 'refuse' }, ...turn(2), respond, { do: 'refuse' }, ...turn(3)],
  },
  {
    goal: 'a turn that was cut cannot be sent again',
    options: { policy: 'unanswered' },
    steps: [...turn(1), respond, grant(1), { do: 'cut' }, { do: 'refuse' }, ...turn(2)],
  },
  {
    goal: 'the socket goes while a turn is sent',
    options: {},
    steps: [
      ...turn(1),
      respond,
      { do: 'grant', socket: 1, unsent: 'not open' },
      grant(2),
      created,
      ended,
      ...turn(2),
    ],
  },
  {
    goal: 'the server has forgotten',
    options: {},
    steps: [...turn(1), respond, grant(1), forgotten, grant(1), created, ended, ...turn(1)],
  },
  {
    goal: 'after a compaction what is new is sent',
    options: {},
    steps: [...turn(1), respond, grant(1), created, { ...ended, compacts: true }, ...turn(1)],
  },
  {
    goal: 'after a compaction that was asked for everything is sent',
    options: {},
    steps: [...turn(1), { do: 'forget', length: 2 }, ...turn(1), ...turn(1)],
  },
  {
    goal: 'what is stored is continued from every socket',
    options: { begins: 'restored', store: true },
    steps: [...storedTurn(1), moved(2), ...storedTurn(2), respond, grant(2), { do: 'cut' }, ...storedTurn(3)],
  },
  {
    goal: 'a fork goes on by itself, and what it continues is forgotten with its socket',
    options: { begins: 'fork' },
    steps: [...forkedTurn(1), respond, grantMine(1), { do: 'cut' }, ...forkedTurn(2)],
  },
  {
    goal: 'what was forked is gone before the fork is sent',
    options: { begins: 'fork' },
    steps: [respond, { do: 'refuse' }, ...forkedTurn(2), ...forkedTurn(2)],
  },
  {
    goal: 'a warm-up that waits is taken back',
    options: {},
    steps: [
      ...turn(1),
      { do: 'prime' },
      { do: 'cancel' },
      { do: 'prime' },
      grant(1),
      { do: 'cancel' },
      ...turn(1),
    ],
  },
  {
    goal: 'a turn that is too large is not sent, and costs nothing',
    options: {},
    steps: [...turn(1), respond, { do: 'grant', socket: 1, unsent: 'too large' }, ...turn(1)],
  },
  {
    goal: 'a turn that fails costs what it continued',
    options: {},
    steps: [...turn(1), respond, grant(1), created, { do: 'ended', end: 'failed' }, ...turn(1), ...turn(1)],
  },
]

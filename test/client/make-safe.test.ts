import { type AnyActorRef, createActor, fromCallback, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { makeSafe } from '../../src/client/make-safe.ts'

/** A machine with two children, one in each of its states and one for good, that says when they end. */
function family() {
  const ended: string[] = []
  const child = (name: string) => fromCallback(() => () => ended.push(name))
  const machine = setup({
    types: {} as {
      events: { type: 'next' } | { type: 'err' }
      input: { label: string }
      context: { label: string }
    },
    actors: { steady: child('steady'), passing: child('passing') },
    actions: {
      fail: () => {
        throw new Error('a bug of the app')
      },
    },
  }).createMachine({
    context: ({ input }) => input,
    invoke: { id: 'steady', src: 'steady' },
    initial: 'first',
    on: { err: { actions: 'fail' } },
    states: {
      first: { invoke: { id: 'passing', src: 'passing' }, on: { next: 'second' } },
      second: {},
    },
  })
  return { machine, ended }
}

const start = (machine: ReturnType<typeof family>['machine'], options: object = {}) => {
  const errors: unknown[] = []
  const actor = createActor(machine, { input: { label: 'a' }, ...options })
  actor.subscribe({ error: (error) => errors.push(error) })
  return { actor: actor.start(), errors }
}

describe('makeSafe', () => {
  it('stops every child that is there when an action throws, and reports the error', () => {
    const { machine, ended } = family()
    const { actor, errors } = start(makeSafe(machine))
    actor.send({ type: 'err' })
    expect(ended.toSorted((a, b) => a.localeCompare(b))).toEqual(['passing', 'steady'])
    expect(errors).toEqual([new Error('a bug of the app')])
    expect(actor.getSnapshot().status).toBe('error')
  })

  it('is what makes the difference', () => {
    const { machine, ended } = family()
    const { actor } = start(machine)
    actor.send({ type: 'err' })
    actor.stop()
    expect(ended).toEqual([])
  })

  it('holds for what comes of provide, also twice', () => {
    const { machine, ended } = family()
    const provided = makeSafe(machine).provide({
      actions: {
        fail: () => {
          throw new Error('another')
        },
      },
    })
    const { actor, errors } = start(provided.provide({}))
    actor.send({ type: 'err' })
    expect(ended).toHaveLength(2)
    expect(errors).toEqual([new Error('another')])
  })

  it('restores without a rule as XState does: children run again', () => {
    const { machine, ended } = family()
    const safe = makeSafe(machine)
    const first = start(safe)
    first.actor.send({ type: 'next' })
    expect(ended).toEqual(['passing'])
    const snapshot = first.actor.getPersistedSnapshot()
    first.actor.stop()
    const second = start(safe, { snapshot })
    expect(second.actor.getSnapshot()).toMatchObject({ value: 'second', context: { label: 'a' } })
    expect(Object.keys(second.actor.getSnapshot().children)).toEqual(['steady'])
    second.actor.stop()
    expect(ended).toEqual(['passing', 'steady', 'steady'])
  })

  it('restores with a rule: children that it names are left out, and its event comes first', () => {
    const { machine } = family()
    const safe = makeSafe(machine, { dropChildren: ['passing'], event: { type: 'next' } })
    const first = start(safe)
    expect(first.actor.getSnapshot().value).toBe('first')
    const snapshot = first.actor.getPersistedSnapshot()
    first.actor.stop()
    const second = start(safe, { snapshot })
    expect(second.actor.getSnapshot().value).toBe('second')
    expect(Object.keys(second.actor.getSnapshot().children)).toEqual(['steady'])
    const steady: AnyActorRef | undefined = second.actor.getSnapshot().children['steady']
    expect(steady?.getSnapshot().status).toBe('active')
    second.actor.stop()
  })
})

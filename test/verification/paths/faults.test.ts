import { beforeAll, describe, expect, test } from 'vitest'
import { stepBoth } from '../../../src/testing/properties/agree.ts'
import { createClassSubject } from '../drive/class-subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import { type ConnectionStep, isOutside } from '../../../src/testing/model/steps.ts'
import { type TurnFaultName, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import type { UpgradeFaultName } from '../../../src/testing/model/upgrade-faults.ts'
import type { ConnectionView } from '../../../src/testing/model/view.ts'
import { connectionPaths } from './connection.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import { PATIENCE_MS } from '../../support/effort.ts'

/** A fault as a step brings it about: in a turn, or right after an upgrade. */
const inTurn = (fault: TurnFaultName) => (step: ConnectionStep) => step.do === 'turn' && step.fault === fault
const atUpgrade = (fault: UpgradeFaultName) => (step: ConnectionStep) =>
  step.do === 'accept' && step.fault === fault

/** Everything that a server of this API is known to do wrong, and the step that does it. */
const ROWS: Readonly<Record<string, readonly ((step: ConnectionStep) => boolean)[]>> = {
  'close with a code': [inTurn('close'), atUpgrade('close'), (step) => step.do === 'hang-up'],
  'terminate (1006)': [inTurn('terminate'), atUpgrade('terminate'), (step) => step.do === 'cut'],
  silence: [inTurn('silence'), atUpgrade('silence'), (step) => step.do === 'freeze'],
  delay: [inTurn('delay'), atUpgrade('delayed close')],
  'two terminal events': [inTurn('double terminal')],
  'a stale event of an old response': [inTurn('stale event'), atUpgrade('stale event')],
  'an unknown event type': [inTurn('unknown event'), atUpgrade('unknown event')],
  keepalive: [inTurn('keepalive'), atUpgrade('keepalive')],
  'a binary frame': [inTurn('binary frame'), atUpgrade('binary frame')],
  'broken JSON': [inTurn('broken JSON'), atUpgrade('broken JSON')],
  'the flat shape of an error': [inTurn('flat error'), atUpgrade('error')],
  'the `detail` shape of an error': [inTurn('detail error')],
  'the alias `status_code`': [inTurn('status_code alias')],
  'headers in the error, and beside it': [inTurn('headers inside'), inTurn('headers on top')],
  'an empty output in the terminal event': [inTurn('empty output')],
  'no response.created': [inTurn('no created')],
  'the dialect of response.done': [inTurn('done dialect')],
  'an oversized frame': [inTurn('oversized frame'), atUpgrade('oversized frame')],
  'a gap in sequence_number': [inTurn('sequence gap')],
}

/** The named points at which a fault strikes. */
const POINTS: Readonly<Record<string, (step: ConnectionStep) => boolean>> = {
  'after the upgrade': (step) => step.do === 'accept' && step.fault !== undefined,
  'after receiving a create': (step) => strikesAt(step, 'request'),
  'after created': (step) => strikesAt(step, 'created'),
  'after some deltas': (step) => strikesAt(step, 'delta'),
  'after an item is done': (step) => strikesAt(step, 'item'),
  'before the terminal event': (step) => strikesAt(step, 'before-terminal'),
}

function strikesAt(step: ConnectionStep, point: string): boolean {
  if (step.do !== 'turn' || step.fault === undefined) return false
  return (faultedTurn(step.fault).turn.faults ?? []).some(({ at }) => at === point)
}

let generated: GeneratedPaths<ConnectionStep, ConnectionModelOptions>
beforeAll(async () => {
  // One profile will do: the paths with faults are among them, whatever the profile.
  const [profile = ['', {}]] = Object.entries(connectionPaths.profiles)
  generated = await generatePaths({ ...connectionPaths, profiles: Object.fromEntries([profile]) })
}, PATIENCE_MS)

/** Paths that use a step and run on real sockets. */
function pathsWith(uses: (step: ConnectionStep) => boolean) {
  return generated.paths.filter(({ steps }) => steps.every(isOutside) && steps.some(uses))
}

describe('generated paths on real sockets use', () => {
  test.each(Object.entries(ROWS))('the fault: %s', (_, ways) => {
    expect(ways.map((uses) => pathsWith(uses).length > 0)).toEqual(ways.map(() => true))
  })

  test.each(Object.entries(POINTS))('the point: %s', (_, uses) => {
    expect(pathsWith(uses).length).toBeGreaterThan(0)
  })
})

/** What the first path with this fault shows after each of its steps, and the close codes that the server saw. */
async function shown(uses: (step: ConnectionStep) => boolean) {
  const [path] = pathsWith(uses)
  if (path === undefined) throw new Error('there is no such path')
  const subject = await createClassSubject(path.options)
  const model = createConnectionModel(path.options)
  const views: ConnectionView[] = []
  for (const step of path.steps) {
    expect(await stepBoth(model, subject, step)).toEqual({ differences: [], complaints: [] })
    views.push(subject.view())
  }
  const codes = subject.world.server.connections().map(({ closeCode }) => closeCode)
  await subject.stop()
  return { views, codes, at: path.steps.findIndex(uses) }
}

describe('a fault bites', () => {
  test('a close after the upgrade ends the line', async () => {
    const { codes } = await shown(atUpgrade('close'))
    expect(codes.slice(0, 2)).toEqual([1008, 1008])
  })

  test.each([inTurn('oversized frame'), atUpgrade('oversized frame')])(
    'an oversized frame is refused with 1009, and nobody dials again (%#)',
    async (uses) => {
      const { codes, views, at } = await shown(uses)
      expect(codes.slice(0, 2)).toEqual([1009, 1009])
      expect(views[at]).toMatchObject({ state: 'closed', lastEnd: { code: 1009, retryable: false } })
    },
  )

  test('silence in a turn lasts until the pong is missed', async () => {
    const { views, at } = await shown(inTurn('silence'))
    expect(views.slice(at, at + 4).map(({ state }) => state)).toEqual([
      'open',
      'open',
      'open',
      'reconnecting',
    ])
    expect(views[at + 3]?.lastEnd?.error).toBe('ERR_HALF_OPEN')
  })

  test('a delayed answer comes later than the turn', async () => {
    const { views, at } = await shown(inTurn('delay'))
    expect(views.slice(at, at + 2).map(({ continues }) => continues)).toEqual([1, 2])
  })

  test('a delayed close comes later than the upgrade', async () => {
    const { views, at } = await shown(atUpgrade('delayed close'))
    expect(views.slice(at, at + 2).map(({ state }) => state)).toEqual(['open', 'reconnecting'])
  })
})

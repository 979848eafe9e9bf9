import { createActor, createMachine, fromPromise } from 'xstate'
import { describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { coveragePage } from '../../../src/testing/coverage/page.ts'
import { printCoverage, printPaths } from '../../../src/testing/coverage/print.ts'
import { mutantsOf } from '../../../src/testing/mutants/mutate.ts'
import { type MutantReport, printMutants, runMutants } from '../../../src/testing/mutants/run.ts'
import { edgesOf } from '../../../src/testing/paths/edges.ts'
import type { ExploreOptions } from '../../../src/testing/paths/explore.ts'
import { generatePaths } from '../../../src/testing/paths/generate.ts'
import { SimulatedClock } from '../../../src/testing/index.ts'

const lamp = createMachine(
  {
    id: 'lamp',
    initial: 'off',
    states: {
      off: { on: { press: [{ guard: 'broken', target: 'dark' }, { target: 'on' }] } },
      on: { on: { press: 'off' }, after: { tired: 'off' } },
      dark: { on: { press: 'off' } },
    },
  },
  { guards: { broken: () => false }, delays: { tired: 1_000 } },
)

const errand = createMachine(
  {
    id: 'errand',
    initial: 'out',
    states: {
      out: {
        initial: 'far',
        invoke: {
          id: 'way',
          src: 'walk',
          onDone: { target: 'home', actions: ['note', 'tell'] },
          onError: { guard: 'isTired', target: 'home' },
        },
        onDone: { target: 'home', actions: 'tell' },
        states: { far: {} },
      },
      home: {},
    },
  },
  {
    actors: { walk: fromPromise(() => Promise.resolve('there')) },
    guards: { isTired: () => true },
    actions: { note: () => undefined, tell: () => undefined },
  },
)

const explore = (machine: typeof lamp): ExploreOptions<string> => ({
  machine,
  steps: ['press', 'wait'],
  begin: (inspect) => {
    const clock = new SimulatedClock({ settle: () => Promise.resolve() })
    const actor = createActor(machine, { clock, inspect }).start()
    return {
      take: async (step) => {
        if (step === 'wait') await clock.next()
        else actor.send({ type: step })
      },
      key: () => JSON.stringify(actor.getSnapshot().value),
      name: () => JSON.stringify(actor.getSnapshot().value),
      stop: () => void actor.stop(),
    }
  },
})

const paths = (reasons: Record<string, string> = {}, limit?: number) =>
  generatePaths({
    machine: lamp,
    profiles: { only: {} },
    reasons,
    explore: () => ({ ...explore(lamp), limit }),
  })

/** The marks on a line of a page, as `outside: yes ✓`. */
function marksOf(page: string, line: string): string[] {
  const [, shown = ''] = page.split(line)
  const marks = shown.slice(0, shown.indexOf('<br>')).matchAll(/class="mark (\w+)"[^>]*>([^<]*)</g)
  return [...marks].map(([, status, text]) => `${status}: ${text}`)
}

describe('paths of a small chart', () => {
  test('are the shortest ways to every edge, guard, delay and pair', async () => {
    const generated = await paths()
    const of = (kind: string) =>
      Object.fromEntries(
        generated.paths.filter((path) => path.kind === kind).map((path) => [path.goal, path.steps]),
      )
    expect(of('edge')).toEqual({
      'lamp.off|press|1': ['press'],
      'lamp.on|press|0': ['press', 'press'],
      'lamp.on|xstate.after.tired.lamp.on|0': ['press', 'wait'],
    })
    expect(of('guard')).toEqual({ 'not lamp.off|press|0': ['press'] })
    expect(of('delay')).toEqual({ 'left lamp.on|tired': ['press', 'press'] })
    expect(Object.values(of('pair'))).toContainEqual(['press', 'wait', 'press'])
    expect(Object.keys(of('names'))).toEqual(['"off" > (lamp.off|press|1) > "on"'])
  })

  test('leave a gap where a transition has no path, until there is a reason', async () => {
    const coverage = coverageOf(await paths())
    expect(coverage.gaps.map(({ id }) => id)).toEqual([
      'lamp.dark',
      'lamp.off|press|0',
      'lamp.dark|press|0',
      'lamp.off|press|0: yes',
    ])
    expect(printCoverage(coverage)).toContain('Gaps: 4')
    const why = 'the lamp of this test is never broken'
    const reasons = {
      'lamp.dark': why,
      'lamp.off|press|0': why,
      'lamp.dark|press|0': why,
      'lamp.off|press|0: yes': why,
    }
    expect(coverageOf(await paths(reasons)).gaps).toEqual([])
  })

  test('are drawn on a page, with what is not covered', async () => {
    const page = coveragePage(lamp, coverageOf(await paths()))
    expect(page).toContain('<section class="none"><h2>dark<span class="mark none">no path</span></h2>')
    expect(page).toContain('<li class="outside">after tired → lamp.off')
  })

  test('are marked on that page for what a guard never says, and for a delay that is never left', async () => {
    const coverage = coverageOf(await paths())
    const page = coveragePage(lamp, coverage)
    expect(marksOf(page, 'press [broken] → lamp.dark')).toEqual([
      'none: no path',
      'none: yes: no path',
      'outside: no ✓',
    ])
    expect(marksOf(page, 'after tired → lamp.off')).toEqual(['outside: comes ✓', 'outside: left ✓'])
    expect(marksOf(page, 'press → lamp.on')).toEqual([])
    const items = coverage.items.map((item) =>
      item.id === 'lamp.on|tired: left'
        ? { ...item, status: 'none' as const, path: null, reason: 'a <reason>' }
        : item,
    )
    const other = coveragePage(lamp, { ...coverage, items })
    expect(marksOf(other, 'after tired → lamp.off')).toEqual(['outside: comes ✓', 'none: left: no path'])
    expect(other).toContain('<code>left: a &lt;reason&gt;</code>')
  })

  test('are named with each thing that they cover', async () => {
    const lines = printPaths(coverageOf(await paths())).split('\n')
    const after = (line: string) => lines.slice(lines.indexOf(line) + 1, lines.indexOf(line) + 3)
    expect(after('delay lamp.on|tired: comes')).toEqual([
      '  edge lamp.on|xstate.after.tired.lamp.on|0',
      '  press, wait   [only]',
    ])
    expect(after('state lamp.dark')[0]).toBe('  (no path)')
  })

  test('are not looked for without end', async () => {
    await expect(paths({}, 1)).rejects.toThrow(/More than 1 places/)
  })
})

describe('mutants of a small chart', () => {
  test('each differ in one thing, and what no test notices survives', async () => {
    const report = await runMutants({
      machine: lamp,
      test: async (mutant) => {
        const actor = createActor(mutant).start()
        actor.send({ type: 'press' })
        const { value } = actor.getSnapshot()
        actor.stop()
        return value === 'on' ? null : 'the lamp does not go on'
      },
    })
    const killed = report.results.filter(({ killedBy }) => killedBy !== null).map(({ mutant }) => mutant.kind)
    expect(killed).toEqual(['negate', 'drop', 'redirect'])
    expect(report.survivors).toHaveLength(report.results.length - 3)
    expect(printMutants(report)).toContain('SURVIVED: delay tired longer')
    expect(printMutants(report)).toContain('SURVIVED: delay tired shorter')
  })

  test('are made of what becomes of invoked actors too', async () => {
    const names = mutantsOf(errand).map(({ kind, name }) => `${kind} ${name}`)
    expect(names).toEqual([
      'drop out onDone 0',
      'redirect out onDone 0 to #errand.out',
      'drop out invoke way onDone 0',
      'redirect out invoke way onDone 0 to #errand.out',
      'drop out invoke way onError 0',
      'redirect out invoke way onError 0 to #errand.out',
      'negate out invoke way onError 0',
      'action out onDone 0 action 0 (tell)',
      'action out invoke way onDone 0 action 0 (note)',
      'action out invoke way onDone 0 action 1 (tell)',
    ])
    const done = async (mutant: typeof errand): Promise<string> => {
      const actor = createActor(mutant).start()
      await new Promise((resolve) => setImmediate(resolve))
      return JSON.stringify(actor.getSnapshot().value)
    }
    expect(await done(errand)).toBe('"home"')
    const values = await Promise.all(mutantsOf(errand).map(({ machine }) => done(machine as typeof errand)))
    // The actor is done: dropped, nothing happens; and without the actions all the same.
    expect(values[2]).toBe('{"out":"far"}')
    expect(values[8]).toBe('"home"')
  })

  test('that only a random schedule notices are counted apart', async () => {
    const report = await runMutants({
      machine: lamp,
      test: async (mutant) => (mutant.root.states['on']?.after.length === 1 ? null : 'no delay'),
      schedules: async () => 'schedule 7',
    })
    expect(report.survivors).toEqual([])
    expect(report).toMatchObject({ score: 1, stale: [] })
    const byPaths = report.results.filter(({ killer }) => killer === 'paths')
    expect(byPaths.map(({ mutant }) => mutant.name)).toEqual(['on after tired 0'])
    expect(report.pathScore).toBeCloseTo(1 / report.results.length)
    expect(printMutants(report)).toContain('by schedules only: delay tired longer')
  })

  test('that a reason names must be there, and survive', async () => {
    const equivalents = {
      'drop off on press 0': 'the lamp is never broken',
      'drop on on press 0': 'was explained, and is noticed by now',
      'drop off on click 0': 'names nothing',
    }
    const run = (every: number): Promise<MutantReport> =>
      runMutants({
        machine: lamp,
        equivalents,
        every,
        test: async (mutant) => (mutant.root.states['on']?.on['press']?.length === 1 ? null : 'stays on'),
      })
    const report = await run(1)
    expect(report.stale).toEqual(['drop on on press 0', 'drop off on click 0'])
    expect(report.results[0]?.equivalent).toBe('the lamp is never broken')
    expect(printMutants(report)).toContain('STALE REASON, no such mutant survives: drop off on click 0')
    // In a sample only of what was run.
    expect((await run(100)).stale).toEqual(['drop off on click 0'])
  })

  test('leave the chart as it was', async () => {
    const before = edgesOf(lamp).map(({ id }) => id)
    await runMutants({ machine: lamp, test: async () => 'noticed' })
    expect(edgesOf(lamp).map(({ id }) => id)).toEqual(before)
  })
})

import { and, createMachine, not, setup, stateIn } from 'xstate'
import { describe, expect, it } from 'vitest'
import { describeChart } from '../../visualize/chart/describe.ts'
import { layoutChart } from '../../visualize/chart/elk.ts'
import type { ChartLayout, Rect } from '../../visualize/chart/layout.ts'
import { chartToMermaid } from '../../visualize/chart/mermaid.ts'
import { activePaths, isChartModel } from '../../visualize/chart/model.ts'
import { chartToSvg } from '../../visualize/chart/svg-file.ts'
import { CHARTS } from '../../visualize/charts.ts'

const lamp = setup({
  guards: { hasPower: () => true, isSunny: () => false, isDim: stateIn('on') },
  actions: { hum: () => {} },
  delays: { patience: 100 },
}).createMachine({
  id: 'lamp',
  initial: 'off',
  on: { unplug: '.off', hum: { actions: 'hum' } },
  states: {
    off: { on: { press: [{ guard: and(['hasPower', not('isSunny')]), target: 'on' }, { actions: 'hum' }] } },
    on: {
      type: 'parallel',
      after: { patience: 'off' },
      states: { bulb: { initial: 'warm', states: { warm: {}, hot: {} } }, switch: {} },
    },
    broken: { type: 'final' },
  },
})

describe('the model of a chart', () => {
  const model = describeChart(lamp)

  it('has every state, with its place and kind', () => {
    expect(model.states.map(({ path, kind }) => `${path}:${kind}`)).toEqual([
      ':compound',
      'off:atomic',
      'on:parallel',
      'on.bulb:compound',
      'on.bulb.warm:atomic',
      'on.bulb.hot:atomic',
      'on.switch:atomic',
      'broken:final',
    ])
  })

  it('names guards, composed ones too, and delays', () => {
    expect(model.transitions).toContainEqual(
      expect.objectContaining({
        source: 'off',
        on: 'press',
        guard: 'hasPower and not isSunny',
        targets: ['on'],
      }),
    )
    expect(model.transitions).toContainEqual(
      expect.objectContaining({ source: 'on', label: 'after patience', delay: 'patience', targets: ['off'] }),
    )
  })

  it('is told from what only looks like one', () => {
    expect(isChartModel(model)).toBe(true)
    const [root, ...others] = model.states
    for (const broken of [
      null,
      {},
      { ...model, states: others },
      { ...model, states: [root, null] },
      { ...model, states: [root, { ...others[0], parent: 'nowhere' }] },
      { ...model, transitions: [{ ...model.transitions[0], targets: ['nowhere'] }] },
      { ...model, transitions: [{ ...model.transitions[0], source: 7 }] },
    ]) {
      expect(isChartModel(broken)).toBe(false)
    }
  })

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
  })

  it.each([[null], ['text'], [{}], [() => {}]])('refuses what is no machine: %s', (value) => {
    expect(() => describeChart(value as never)).toThrow(expect.objectContaining({ code: 'ERR_INSPECTOR' }))
  })
})

it('active states of a value are all states around it', () => {
  expect([...activePaths({ on: { bulb: 'warm', switch: {} } })]).toEqual([
    '',
    'on',
    'on.bulb',
    'on.bulb.warm',
    'on.switch',
  ])
})

describe.each(Object.entries(CHARTS))('the chart %s', (_name, machine) => {
  const model = describeChart(machine)

  it.each(['full', 'brief'] as const)('is laid out %s without overlaps', async (detail) => {
    const layout = await layoutChart(model, detail)
    expect(layout.boxes.map(({ path }) => path)).toEqual(
      model.states.map(({ path }) => path).filter((path) => path !== ''),
    )
    expect(layout.edges.filter(({ points }) => points.length < 2).map(({ id }) => id)).toEqual([])
    expect(overlaps(layout)).toEqual([])
    for (const box of layout.boxes) expect(isInsideOf(box, { x: 0, y: 0, ...layout })).toBe(true)
  })

  it('has an arrow or a line for every transition', async () => {
    const { boxes, edges, lines } = await layoutChart(model)
    const drawn = new Set(
      [...boxes, ...edges, { lines }].flatMap((part) => part.lines.flatMap((line) => line.transitions)),
    )
    expect(model.transitions.filter(({ id }) => !drawn.has(id))).toEqual([])
  })
})

describe('Mermaid', () => {
  it('has every state once, and regions apart', () => {
    const text = chartToMermaid(describeChart(lamp))
    expect(text).toContain('stateDiagram-v2\n')
    expect(text).toContain('state "off" as off')
    expect(text).toContain('off --> on : press [hasPower and not isSunny]')
    expect(text).toContain('on --> off : after patience')
    expect(text).toContain('broken --> [*]')
    expect(text.match(/^ +--$/gm)).toHaveLength(1)
  })

  it('does not let a name end its line', () => {
    const odd = createMachine({ id: 'odd', initial: 'a', states: { a: { on: { 'x;y#z': 'b' } }, b: {} } })
    expect(chartToMermaid(describeChart(odd))).not.toMatch(/[;#]/)
  })
})

it('a chart is drawn the same every time', async () => {
  const model = describeChart(lamp)
  expect(chartToSvg(await layoutChart(model))).toBe(chartToSvg(await layoutChart(model)))
})

it('a picture holds names as text, never as markup', async () => {
  const odd = createMachine({ id: 'odd', initial: 'a<b>"&', states: { 'a<b>"&': {} } })
  const svg = chartToSvg(await layoutChart(describeChart(odd)))
  expect(svg).toContain('a&lt;b>')
  expect(svg).not.toContain('<b>')
})

/** Labels that touch one another, or a box that the arrow does not lead through. */
function overlaps({ edges, boxes }: ChartLayout): string[] {
  const labels = edges.flatMap(({ id, label }) => (label === null ? [] : [{ id, ...label }]))
  const leaves = boxes.filter((box) => !boxes.some((other) => other.path.startsWith(`${box.path}.`)))
  const found: string[] = []
  for (const [index, label] of labels.entries()) {
    for (const other of labels.slice(index + 1))
      if (touches(label, other)) found.push(`${label.id} and ${other.id}`)
    for (const box of leaves) if (touches(label, box)) found.push(`${label.id} and box ${box.path}`)
  }
  return found
}

function touches(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

function isInsideOf(inner: Rect, outer: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

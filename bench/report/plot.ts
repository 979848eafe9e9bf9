import type { Scenario } from '../harness/scenario.ts'
import type { MetricResult, ScenarioResult } from './result.ts'

const ROW = 26
const LABELS = 250
const BARS = 420
const NUMBERS = 150
const TOP = 44

/** Horizontal bars of one metric, as a ratio to the first way; a line shows the quarter of the rounds on either side. */
export function plotOf(scenario: Scenario, result: ScenarioResult): string | null {
  const [metric] = scenario.metrics
  if (metric === undefined || result.ways.length < 2) return null
  const bars = result.ways.flatMap(({ way, metrics }) => {
    const found = metrics.find((one) => one.metric === metric.id)
    return found === undefined ? [] : [{ way, ...found }]
  })
  const most = Math.max(...bars.map(({ ratio }) => ratio.high), 1)
  const x = (ratio: number): number => LABELS + (ratio / most) * BARS
  const height = TOP + bars.length * ROW + 12
  const width = LABELS + BARS + NUMBERS
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(scenario.title)}: ${escape(metric.label)}, ratios">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .number { font-variant-numeric: tabular-nums }
.bar { fill: #8c959f } .ours { fill: #0969da } .spread { stroke: #1f2328; stroke-width: 1.5 }
.one { stroke: #57606a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #4493f8 } .spread { stroke: #e6edf3 } .one { stroke: #8d96a0 }
}
</style>
<text class="title" x="8" y="24">${escape(scenario.title)}: ${escape(metric.label)}, as a ratio</text>
${bars.map((bar, at) => barOf(bar, TOP + at * ROW, x, metric.show)).join('\n')}
<line class="one" x1="${x(1)}" x2="${x(1)}" y1="${TOP - 6}" y2="${height - 8}"/>
</svg>
`
}

function barOf(
  { way, ratio, value }: MetricResult & { readonly way: string },
  y: number,
  x: (ratio: number) => number,
  show: (value: number) => string,
): string {
  const middle = y + ROW / 2 - 3
  const kind = /holdline|connectionMachine|ResponsesConnection/i.test(way) ? 'bar ours' : 'bar'
  return [
    `<text x="${LABELS - 10}" y="${middle + 5}" text-anchor="end">${escape(way.replaceAll('`', ''))}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${(x(ratio.median) - LABELS).toFixed(1)}" height="${ROW - 8}" rx="2"/>`,
    `<line class="spread" x1="${x(ratio.low).toFixed(1)}" x2="${x(ratio.high).toFixed(1)}" y1="${middle}" y2="${middle}"/>`,
    `<text class="number" x="${LABELS + BARS + 10}" y="${middle + 5}">${ratio.median.toFixed(2)}  (${escape(show(value.median))})</text>`,
  ].join('\n')
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

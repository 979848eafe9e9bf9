import type { Scenario } from '../harness/scenario.ts'
import type { GoalResult, ScenarioResult } from './result.ts'

/** A scenario's result as Markdown: its ways by ratio, then as this machine had them. */
export function sectionOf(scenario: Scenario, result: ScenarioResult): string {
  const rounds = `${result.plan.rounds} round${result.plan.rounds === 1 ? '' : 's'}`
  const sizes = Object.entries(result.plan.size).map(([name, size]) => `${name} ${size.toLocaleString('en')}`)
  const how = [rounds, ...sizes].join(', ')
  return `${scenario.about} (${how}.)\n\n${waysTable(scenario, result)}`
}

function waysTable(scenario: Scenario, { ways }: ScenarioResult): string {
  const { metrics } = scenario
  const compares = ways.length > 1
  const head = [
    'way',
    ...(compares ? metrics.map(({ label }) => `${label}, ratio`) : []),
    ...metrics.map(({ label }) => label),
  ]
  const rows = ways.map(({ way, metrics: measured }) => [
    way,
    ...(compares
      ? measured.map(
          ({ ratio }) => `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`,
        )
      : []),
    ...measured.map(({ value }, at) => metrics[at]?.show(value.median) ?? ''),
  ])
  return table(head, rows)
}

interface NamedGoal extends GoalResult {
  readonly name: string
}

/** What was to be reached, and was. */
export function goalsTable(results: readonly ScenarioResult[]): string {
  const goals = results.flatMap(({ name, goals: own }) => own.map((goal): NamedGoal => ({ name, ...goal })))
  const rows = goals.map((goal) => [
    goal.name,
    goal.what,
    goal.reached.toFixed(2),
    goal.atMost === undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`,
    goal.isReached ? 'yes' : '**no**',
  ])
  return table(['scenario', 'figure', 'measured', 'aim', 'reached'], rows)
}

/** Rows as a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

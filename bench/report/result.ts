import type { Samples } from '../harness/measure.ts'
import type { Goal, Plan, Scenario } from '../harness/scenario.ts'
import { median, quantile } from './stats.ts'

/** The middle of the rounds, and the quarter of them on either side. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export interface MetricResult {
  readonly metric: string
  /** As this machine measured it. */
  readonly value: Spread
  /** Of the first way, within each round. */
  readonly ratio: Spread
}

export interface GoalResult extends Goal {
  readonly reached: number
  readonly isReached: boolean
}

export interface ScenarioResult {
  readonly name: string
  readonly plan: Plan
  readonly ways: readonly { readonly way: string; readonly metrics: readonly MetricResult[] }[]
  readonly goals: readonly GoalResult[]
}

/** A ratio is taken within each round first: those of one round had the same machine. */
export function resultOf(scenario: Scenario, plan: Plan, samples: Samples): ScenarioResult {
  const valuesOf = (way: string, metric: string): number[] =>
    (samples.get(way) ?? []).map((sample) => sample[metric] ?? Number.NaN)
  const [first = ''] = scenario.ways
  const ratios = (way: string, metric: string, of: string): number[] => {
    const base = valuesOf(of, metric)
    return valuesOf(way, metric).map((value, round) => value / (base[round] ?? Number.NaN))
  }
  const reached = ({ way, metric, of = first, as = 'ratio' }: Goal): number => {
    const values = valuesOf(way, metric)
    if (as === 'ratio') return median(ratios(way, metric, of))
    if (as === 'value') return median(values)
    const base = valuesOf(of, metric)
    return median(values.map((value, round) => value - (base[round] ?? Number.NaN)))
  }
  return {
    name: scenario.name,
    plan,
    ways: scenario.ways.map((way) => ({
      way,
      metrics: scenario.metrics.map(({ id }) => ({
        metric: id,
        value: spreadOf(valuesOf(way, id)),
        ratio: spreadOf(ratios(way, id, first)),
      })),
    })),
    goals: scenario.goals.map((goal) => {
      const value = reached(goal)
      const { atMost = Infinity, atLeast = -Infinity } = goal
      return { ...goal, reached: value, isReached: value <= atMost && value >= atLeast }
    }),
  }
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

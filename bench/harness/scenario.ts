/** What one measurement gave, by metric. */
export type Sample = Readonly<Record<string, number>>

/** How long and how often. */
export interface Plan {
  /** Measured rounds; in each, every way has its turn. */
  readonly rounds: number
  /** Rounds before, which are not counted. */
  readonly warmUps: number
  /** Sizes and numbers for the scenario itself. */
  readonly size: Readonly<Record<string, number>>
}

/** One way of doing the work, set up in a process of its own. */
export interface Runner {
  round(): Promise<Sample>
  close?(): void | Promise<void>
}

export interface Metric {
  readonly id: string
  readonly label: string
  /** How a value of this machine is shown. */
  readonly show: (value: number) => string
}

/** What should be reached: a ratio between two ways, or between two metrics of one way. */
export interface Goal {
  readonly what: string
  readonly way: string
  readonly metric: string
  /** The way that it is compared with. Default: the scenario's first. */
  readonly of?: string
  /** `ratio`: to the other way's value; `difference`: from it; `value`: as it is. Default: `ratio`. */
  readonly as?: 'ratio' | 'difference' | 'value'
  /** The most, or with `atLeast` the least, in the metric's own unit where it is no ratio. */
  readonly atMost?: number
  readonly atLeast?: number
}

/** Something that is measured, for several ways of doing it. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** What is done and measured, in a sentence or two. */
  readonly about: string
  readonly metrics: readonly Metric[]
  /** The ways, the one that ratios are taken of first. */
  readonly ways: readonly string[]
  readonly goals: readonly Goal[]
  /** `quick`: a look, which ends soon and says less. */
  plan(quick: boolean): Plan
  /** How the processes are used. `fresh`: a new one for each measurement. `together`: all ways at the same time. */
  readonly processes?: { readonly fresh?: boolean; readonly together?: boolean }
  /** Makes a way ready, in its own process. */
  open(way: string, server: ServerAddress, size: Plan['size']): Promise<Runner>
}

/** Where the benchmark's server listens. */
export interface ServerAddress {
  readonly port: number
  /** The port of a proxy before it that adds 10 ms in each direction, and carries some 50 Mbit/s. */
  readonly farPort: number
  /** The port of one that adds the same, and carries any amount. */
  readonly widePort: number
}

/** The way of this name. @throws {Error} where there is none: another's figures must not pass for its own */
export function wayOf<Way>(ways: Readonly<Record<string, Way>>, name: string): Way {
  const way = ways[name]
  if (way === undefined) throw new Error(`There is no way "${name}".`)
  return way
}

export const microseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} µs`
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`
export const kibibytes = (value: number): string => `${(value / 1024).toFixed(1)} KiB`
export const percent = (value: number): string => `${(value * 100).toFixed(2)} %`
export const plain = (value: number): string => value.toFixed(2)

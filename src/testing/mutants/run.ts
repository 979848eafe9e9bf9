import type { AnyStateMachine } from 'xstate'
import { type Mutant, mutantsOf } from './mutate.ts'

/** What noticed a mutant: the tests that it was given, or only the random schedules after these. */
export type MutantKiller = 'paths' | 'schedules'

/** What became of one mutant. */
export interface MutantResult {
  readonly mutant: Mutant
  /** What noticed it, or null for a survivor. */
  readonly killedBy: string | null
  /** Of which kind that was, or null for a survivor. */
  readonly killer: MutantKiller | null
  /** Why a survivor does what the chart does; null for one that nobody has explained. */
  readonly equivalent: string | null
}

/** The results of all mutants. */
export interface MutantReport {
  readonly results: readonly MutantResult[]
  /** Survivors that no reason explains. */
  readonly survivors: readonly MutantResult[]
  /** Names in `equivalents` that fit no mutant, or one that is noticed after all. Such a reason has to go. */
  readonly stale: readonly string[]
  /** Killed, of those that are not equivalent, from 0 to 1. */
  readonly score: number
  /** Killed by `test`, without the schedules: of the same ones, from 0 to 1. */
  readonly pathScore: number
}

/** Runs something on a mutant: says what fails, or null where all passes. */
export type MutantTest<Machine extends AnyStateMachine> = (mutant: Machine) => Promise<string | null>

/** How mutants are looked for. */
export interface MutantRunOptions<Machine extends AnyStateMachine> {
  readonly machine: Machine
  /** Runs the tests on a mutant, such as generated paths. */
  readonly test: MutantTest<Machine>
  /** Runs random schedules on a mutant that `test` lets pass. Counted apart. Default: none. */
  readonly schedules?: MutantTest<Machine> | undefined
  /** Runs only one mutant in so many, for a quick look. Default: 1, all of them. */
  readonly every?: number | undefined
  /** Why a survivor does the same as the chart, by its kind and name: `drop off on press 0`. Default: none does. */
  readonly equivalents?: Readonly<Record<string, string>> | undefined
}

/** Makes every mutant of a chart, and runs the tests on each. */
export async function runMutants<Machine extends AnyStateMachine>(
  options: MutantRunOptions<Machine>,
): Promise<MutantReport> {
  const { machine, every = 1, equivalents = {} } = options
  const results: MutantResult[] = []
  const mutants = mutantsOf(machine)
  for (const mutant of mutants.filter((_, index) => index % every === 0)) {
    const [killer, killedBy] = await killed(mutant.machine, options)
    const equivalent = killedBy === null ? (equivalents[titleOf(mutant)] ?? null) : null
    results.push({ mutant, killedBy, killer, equivalent })
  }
  const differ = results.filter(({ equivalent }) => equivalent === null)
  const survivors = differ.filter(({ killer }) => killer === null)
  const byPaths = differ.filter(({ killer }) => killer === 'paths')
  const share = (count: number): number => (differ.length === 0 ? 1 : count / differ.length)
  return {
    results,
    survivors,
    stale: staleNames(Object.keys(equivalents), mutants, results),
    score: share(differ.length - survivors.length),
    pathScore: share(byPaths.length),
  }
}

/** A report as text: counts by kind, the equivalent ones with their reasons, the survivors, and reasons that fit none. */
export function printMutants({ results, survivors, stale, score, pathScore }: MutantReport): string {
  const lines = ['mutants      all   by paths   by schedules   same as the chart   survived']
  for (const kind of ['drop', 'redirect', 'negate', 'action', 'delay'] as const) {
    const ofKind = results.filter(({ mutant }) => mutant.kind === kind)
    const by = (killer: MutantKiller): number => ofKind.filter((one) => one.killer === killer).length
    const same = ofKind.filter(({ equivalent }) => equivalent !== null).length
    const [paths, schedules] = [by('paths'), by('schedules')]
    const cells = [ofKind.length, paths, schedules, same, ofKind.length - paths - schedules - same]
    lines.push(
      kind.padEnd(11) +
        cells.map((cell, index) => String(cell).padStart([5, 11, 15, 20, 11][index] ?? 5)).join(''),
    )
  }
  lines.push(
    '',
    `${percent(score)} of those that differ were noticed, ${percent(pathScore)} by the paths alone.`,
  )
  for (const { mutant, equivalent } of results) {
    if (equivalent !== null) lines.push(`same: ${titleOf(mutant)}: ${equivalent}`)
  }
  for (const { mutant, killer } of results) {
    if (killer === 'schedules') lines.push(`by schedules only: ${titleOf(mutant)}`)
  }
  for (const { mutant } of survivors) lines.push(`SURVIVED: ${titleOf(mutant)}`)
  for (const name of stale) lines.push(`STALE REASON, no such mutant survives: ${name}`)
  return lines.join('\n')
}

async function killed<Machine extends AnyStateMachine>(
  mutant: Machine,
  { test, schedules }: MutantRunOptions<Machine>,
): Promise<readonly [MutantKiller | null, string | null]> {
  const byPaths = await failureOf(test, mutant)
  if (byPaths !== null) return ['paths', byPaths]
  const bySchedules = schedules === undefined ? null : await failureOf(schedules, mutant)
  return [bySchedules === null ? null : 'schedules', bySchedules]
}

async function failureOf<Machine extends AnyStateMachine>(
  test: MutantTest<Machine>,
  mutant: Machine,
): Promise<string | null> {
  return await test(mutant).catch((error: unknown) => `it throws: ${String(error)}`)
}

/** A sample tells nothing of the mutants that are not in it. */
function staleNames(
  names: readonly string[],
  mutants: readonly Mutant[],
  results: readonly MutantResult[],
): string[] {
  const all = new Set(mutants.map(titleOf))
  const noticed = new Set(
    results.filter(({ killer }) => killer !== null).map(({ mutant }) => titleOf(mutant)),
  )
  return names.filter((name) => !all.has(name) || noticed.has(name))
}

function titleOf({ kind, name }: Mutant): string {
  return `${kind} ${name}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

import type { AnyStateMachine } from 'xstate'
import { type Mutant, mutantsOf } from './mutate.ts'

/** What became of one mutant. */
export interface MutantResult {
  readonly mutant: Mutant
  /** What noticed it, or null for a survivor. */
  readonly killedBy: string | null
  /** Why a survivor does what the chart does; null for one that nobody has explained. */
  readonly equivalent: string | null
}

/** The results of all mutants. */
export interface MutantReport {
  readonly results: readonly MutantResult[]
  /** Survivors that no reason explains. */
  readonly survivors: readonly MutantResult[]
  /** Killed, of those that are not equivalent, from 0 to 1. */
  readonly score: number
}

/** How mutants are looked for. */
export interface MutantRunOptions<Machine extends AnyStateMachine> {
  readonly machine: Machine
  /** Runs the tests on a mutant: says which one fails, or null where all pass. */
  readonly test: (mutant: Machine) => Promise<string | null>
  /** Runs only one mutant in so many, for a quick look. Default: 1, all of them. */
  readonly every?: number | undefined
  /** Says why a survivor does the same as the chart, or null. Default: none does. */
  readonly equivalents?: ((survivor: Mutant) => string | null) | undefined
}

/** Makes every mutant of a chart, and runs the tests on each. */
export async function runMutants<Machine extends AnyStateMachine>(
  options: MutantRunOptions<Machine>,
): Promise<MutantReport> {
  const { machine, test, every = 1, equivalents = () => null } = options
  const results: MutantResult[] = []
  for (const mutant of mutantsOf(machine).filter((_, index) => index % every === 0)) {
    const killedBy = await test(mutant.machine).catch((error: unknown) => `it throws: ${String(error)}`)
    const equivalent = killedBy === null ? equivalents(mutant) : null
    results.push({ mutant, killedBy, equivalent })
  }
  const survivors = results.filter((one) => one.killedBy === null && one.equivalent === null)
  const counted = results.filter(({ equivalent }) => equivalent === null).length
  return { results, survivors, score: counted === 0 ? 1 : (counted - survivors.length) / counted }
}

/** A report as text: counts by kind, the equivalent ones with their reasons, and the survivors. */
export function printMutants({ results, survivors, score }: MutantReport): string {
  const lines = ['mutants          all   killed   same as the chart   survived']
  for (const kind of ['drop', 'redirect', 'negate', 'action', 'delay'] as const) {
    const ofKind = results.filter(({ mutant }) => mutant.kind === kind)
    const killed = ofKind.filter(({ killedBy }) => killedBy !== null).length
    const same = ofKind.filter(({ equivalent }) => equivalent !== null).length
    const cells = [ofKind.length, killed, same, ofKind.length - killed - same]
    lines.push(
      kind.padEnd(11) +
        cells.map((cell, index) => String(cell).padStart([9, 9, 20, 11][index] ?? 9)).join(''),
    )
  }
  lines.push('', `${(score * 100).toFixed(1)} % of those that differ were noticed.`)
  for (const { mutant, equivalent } of results) {
    if (equivalent !== null) lines.push(`same: ${mutant.kind} ${mutant.name}: ${equivalent}`)
  }
  for (const { mutant } of survivors) lines.push(`SURVIVED: ${mutant.kind} ${mutant.name}`)
  return lines.join('\n')
}

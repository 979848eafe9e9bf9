import { type Ledger, PROMISES, PROMISE_NAMES, type PromiseName } from './ledger.ts'
import type { SoakReport } from './soak.ts'

/** A report as text. */
export function printSoak({ ledger, turns, reached, creates, heap, recordings }: SoakReport): string {
  const rate = turns === 0 ? 0 : Math.round((reached / turns) * 100)
  const [start, end] = heap.map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`)
  return [
    `${turns} turns asked for, ${reached} (${rate} %) reached the server, in ${creates} creates.`,
    `Heap: ${start} at the start, ${end} at the end.`,
    'Promises:',
    ...PROMISE_NAMES.map((name) => `  ${PROMISES[name].padEnd(76)} ${verdictOn(ledger, name)}`),
    'Faults:',
    ...ledger.faults().map(([kind, count]) => `  ${kind.padEnd(36)} ${count}`),
    ...ledger.failures.map((failure) => `! ${failure}`),
    ...recordings.map((file) => `Recorded: npx holdline visualize ${file}`),
  ].join('\n')
}

function verdictOn(ledger: Ledger, name: PromiseName): string {
  const [checks, broken] = [ledger.checks(name), ledger.broken(name)]
  if (checks === 0) return 'not tested'
  return `${broken === 0 ? 'kept' : `BROKEN ${broken} times`}, ${checks} checks`
}

/**
 * `npm run test:long` runs everything that is generated. A plain run takes a sample of it, the same one each time:
 * enough to notice what breaks most of it, in the time that one has before a commit.
 */
export const LONG = process.env['HOLDLINE_LONG'] === '1'

/** How many random runs a property gets. */
export function runs(sample: number, all: number): number {
  return LONG ? all : sample
}

/** The paths that a plain run takes over sockets: each transition, guard outcome and delay, but not each pair. */
export function withoutPairs<Path extends { readonly kind: string }>(
  paths: readonly Path[],
): readonly Path[] {
  return LONG ? paths : paths.filter(({ kind }) => kind !== 'pair' && kind !== 'names')
}

/** For what a long run takes in full. */
export const PATIENCE_MS = LONG ? 1_200_000 : 120_000

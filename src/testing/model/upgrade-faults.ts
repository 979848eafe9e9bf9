import type { ConnectionFault } from '../script/types.ts'

/** What goes wrong right after an upgrade, before any turn. */
export type UpgradeFaultName = keyof typeof FAULTS

interface FaultedUpgrade {
  readonly faults: readonly ConnectionFault[]
  /** What becomes of the line: it ends with this code, carries nothing back any more, or has carried a message. */
  readonly effect: { readonly closes: number } | 'silent' | 'heard' | 'errored'
}

const FAULTS = {
  close: { faults: [{ do: 'close', code: 1008 }], effect: { closes: 1008 } },
  terminate: { faults: [{ do: 'terminate' }], effect: { closes: 1006 } },
  'delayed close': {
    faults: [
      { do: 'delay', ms: 1 },
      { do: 'close', code: 1011 },
    ],
    effect: { closes: 1011 },
  },
  silence: { faults: [{ do: 'silence' }], effect: 'silent' },
  'stale event': { faults: [{ do: 'stale-event' }], effect: 'heard' },
  'unknown event': { faults: [{ do: 'unknown-event' }], effect: 'heard' },
  keepalive: { faults: [{ do: 'keepalive' }], effect: 'heard' },
  'binary frame': { faults: [{ do: 'binary' }], effect: 'heard' },
  'broken JSON': { faults: [{ do: 'broken-json' }], effect: 'heard' },
  'oversized frame': { faults: [{ do: 'oversized', bytes: 70_000 }], effect: 'heard' },
  error: { faults: [{ do: 'error', error: { status: 500, shape: 'flat' } }], effect: 'errored' },
} as const satisfies Readonly<Record<string, FaultedUpgrade>>

/** All faults of upgrades. */
export const UPGRADE_FAULTS = Object.keys(FAULTS) as UpgradeFaultName[]

/** What the server is to do, and what comes of it. */
export function faultedUpgrade(name: UpgradeFaultName): FaultedUpgrade {
  return FAULTS[name]
}

import type { ConnectionFault } from '../script/types.ts'

/** What goes wrong right after an upgrade, before any turn. */
export type UpgradeFaultName = keyof typeof FAULTS

interface FaultedUpgrade {
  readonly faults: readonly ConnectionFault[]
  /** What becomes of the line: it ends, carries nothing back any more, or has carried a message. */
  readonly effect: FaultyEnd | 'silent' | 'heard' | 'errored'
}

/** A line ends with this close code. */
export interface FaultyEnd {
  readonly closes: number
  /** Only where its `maxPayloadBytes` is smaller than this; else a message was heard. Default: always. */
  readonly bytes?: number
  /** Default: 0. */
  readonly afterMs?: number
}

/** More than `SMALL_PAYLOAD_BYTES`, and far less than the default of `maxPayloadBytes`. */
export const OVERSIZED_BYTES = 70_000
/** A `maxPayloadBytes` that holds every event but an oversized one. */
export const SMALL_PAYLOAD_BYTES = 65_536

/** No other clock of a connection is due as late as this, in ms. */
const DELAY_MS = 1_237

const FAULTS = {
  close: { faults: [{ do: 'close', code: 1008 }], effect: { closes: 1008 } },
  terminate: { faults: [{ do: 'terminate' }], effect: { closes: 1006 } },
  'delayed close': {
    faults: [
      { do: 'delay', ms: DELAY_MS },
      { do: 'close', code: 1011 },
    ],
    effect: { closes: 1011, afterMs: DELAY_MS },
  },
  silence: { faults: [{ do: 'silence' }], effect: 'silent' },
  'stale event': { faults: [{ do: 'stale-event' }], effect: 'heard' },
  'unknown event': { faults: [{ do: 'unknown-event' }], effect: 'heard' },
  keepalive: { faults: [{ do: 'keepalive' }], effect: 'heard' },
  'binary frame': { faults: [{ do: 'binary' }], effect: 'heard' },
  'broken JSON': { faults: [{ do: 'broken-json' }], effect: 'heard' },
  'oversized frame': {
    faults: [{ do: 'oversized', bytes: OVERSIZED_BYTES }],
    effect: { closes: 1009, bytes: OVERSIZED_BYTES },
  },
  error: { faults: [{ do: 'error', error: { status: 500, shape: 'flat' } }], effect: 'errored' },
} as const satisfies Readonly<Record<string, FaultedUpgrade>>

/** All faults of upgrades. */
export const UPGRADE_FAULTS = Object.keys(FAULTS) as UpgradeFaultName[]

/** What the server is to do, and what comes of it. */
export function faultedUpgrade(name: UpgradeFaultName): FaultedUpgrade {
  return FAULTS[name]
}

/** The same for a line that takes messages of this size: what it takes was only heard. */
export function upgradeEffect(name: UpgradeFaultName, maxPayloadBytes: number): FaultedUpgrade['effect'] {
  const { effect } = faultedUpgrade(name)
  return typeof effect === 'object' && !isOver(effect.bytes, maxPayloadBytes) ? 'heard' : effect
}

/** Whether something of this size, if it has one, ends a line. */
export function isOver(bytes: number | undefined, maxPayloadBytes: number): boolean {
  return bytes === undefined || bytes > maxPayloadBytes
}

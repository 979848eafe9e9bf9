/** One lane of a connection. */
interface Lane {
  readonly name: string | null
  holder: string | null
  use: 'idle' | 'busy' | 'draining'
  serial: number
}

/** A lane that was given to somebody. */
export interface ModelLease {
  readonly lane: string | null
  readonly serial: number
}

/** The lanes of one socket, as the conversations' guide describes them; the longest unused first. */
export class ModelLanes {
  readonly #limits: { readonly inFlight: number; readonly names: number } | null
  #inFlight: number
  #names: number
  #areAbsent = false
  #lanes: Lane[] = []

  constructor(limits: { readonly inFlight: number; readonly names: number } | null) {
    this.#limits = limits
    this.#inFlight = limits?.inFlight ?? 1
    this.#names = limits?.names ?? 0
  }

  get isRunning(): boolean {
    return this.#lanes.some(({ use }) => use === 'busy')
  }

  /** Nothing but turns that were given up occupies it. */
  get isStuck(): boolean {
    return !this.isRunning && this.#lanes.some(({ use }) => use === 'draining')
  }

  /** The server shows whether it has the lanes that it should have. */
  show(areThere: boolean): void {
    const limits = areThere ? this.#limits : null
    this.#inFlight = limits?.inFlight ?? 1
    this.#names = limits?.names ?? 0
    this.#areAbsent = limits === null
    this.#sweep()
  }

  give(who: string): ModelLease | null {
    if (this.#lanes.filter(({ use }) => use !== 'idle').length >= this.#inFlight) return null
    const idle = this.#lanes.filter(({ use }) => use === 'idle')
    const lane = idle.find(({ holder }) => holder === who) ?? this.#fresh() ?? this.#taken(idle)
    if (lane === undefined) return null
    lane.holder = who
    lane.use = 'busy'
    this.#lanes = [...this.#lanes.filter((one) => one !== lane), lane]
    return { lane: lane.name, serial: lane.serial }
  }

  release(name: string | null, tail: boolean): void {
    for (const lane of this.#named(name)) lane.use = tail ? 'draining' : 'idle'
    this.#sweep()
  }

  drained(name: string | null): void {
    for (const lane of this.#named(name)) if (lane.use === 'draining') lane.use = 'idle'
    this.#sweep()
  }

  /** The server knows no such lane, and none beyond those that are left. */
  exhausted(name: string | null): void {
    if (this.#areAbsent) return this.release(name, false)
    this.#lanes = this.#lanes.filter((lane) => lane.name !== name)
    this.#names = this.#lanes.filter((lane) => lane.name !== null).length
  }

  vacate(who: string): void {
    for (const lane of this.#lanes) if (lane.holder === who) lane.holder = null
  }

  /** A lane that is not there is gone with its last turn. */
  #sweep(): void {
    if (this.#areAbsent) this.#lanes = this.#lanes.filter(({ name, use }) => name === null || use !== 'idle')
  }

  #named(name: string | null): Lane[] {
    return this.#lanes.filter((lane) => lane.name === name)
  }

  #fresh(): Lane | undefined {
    const named = this.#lanes.filter(({ name }) => name !== null).length
    const isNew = { holder: null, use: 'idle', serial: 0 } as const
    if (this.#named(null).length === 0) return { name: null, ...isNew }
    return named < this.#names ? { name: `lane-${named + 1}`, ...isNew } : undefined
  }

  #taken(idle: readonly Lane[]): Lane | undefined {
    const lane = idle.find(({ holder }) => holder === null) ?? idle[0]
    if (lane !== undefined) lane.serial += 1
    return lane
  }
}

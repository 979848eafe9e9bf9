import { settle } from '../clock.ts'
import type { AbsenceOptions, CreateWaitOptions } from './api.ts'
import type { ServerConnection } from './server-connection.ts'
import type { Log, RequestRecord, TranscriptEntry, UpgradeRecord } from './records.ts'
import type { Waiting, WaitOptions } from './waiting.ts'
import { UnexpectedEventError } from './waiting.ts'
import type { Logs } from './world.ts'

/** What a test sees of a server: its logs, and the helpers that wait for an entry or for the absence of one. */
export class Watch {
  readonly #logs: Logs
  readonly #connections: Log<ServerConnection>
  readonly #waiting: Waiting

  constructor(logs: Logs, connections: Log<ServerConnection>, waiting: Waiting) {
    this.#logs = logs
    this.#connections = connections
    this.#waiting = waiting
  }

  connections(): readonly ServerConnection[] {
    return this.#connections.all()
  }

  transcript(): readonly TranscriptEntry[] {
    return this.#logs.transcript.all()
  }

  upgrades(): readonly UpgradeRecord[] {
    return this.#logs.upgrades.all()
  }

  requests(): readonly RequestRecord[] {
    return this.#logs.requests.all().map((record) => ({ ...record }))
  }

  creates(key?: string): number {
    return countOf(this.#logs.creates, key)
  }

  runs(key?: string): number {
    return countOf(this.#logs.runs, key)
  }

  async waitForConnection(id?: number, options?: WaitOptions): Promise<ServerConnection> {
    const what = id === undefined ? 'an open connection' : `connection ${id}`
    return await this.waitFor(
      what,
      () => this.connections().findLast((each) => (id === undefined ? each.open : each.id === id)),
      options,
    )
  }

  async waitForClose(id?: number, options?: WaitOptions): Promise<ServerConnection> {
    const wanted = id ?? this.connections().at(-1)?.id ?? 1
    return await this.waitFor(
      `the end of connection ${wanted}`,
      () => this.connections().find((each) => each.id === wanted && each.closeCode !== null),
      options,
    )
  }

  async waitForCreate(key?: string, options: CreateWaitOptions = {}): Promise<RequestRecord> {
    const { count = 1 } = options
    const what = `${count} create(s)${key === undefined ? '' : ` of the turn "${key}"`}`
    const look = (): RequestRecord | undefined => {
      if (this.creates(key) < count) return undefined
      return this.requests().findLast((each) => !each.warmup && (key === undefined || each.turnKey === key))
    }
    return await this.waitFor(what, look, options)
  }

  async waitForUpgrade(count: number = 1, options?: WaitOptions): Promise<UpgradeRecord> {
    const look = (): UpgradeRecord | undefined => {
      return this.#logs.upgrades.total < count ? undefined : this.upgrades().at(-1)
    }
    return await this.waitFor(`${count} upgrade(s)`, look, options)
  }

  async waitFor<Found>(what: string, look: () => Found | undefined, options?: WaitOptions): Promise<Found> {
    return await this.#waiting.until(what, look, () => this.#seen(), options)
  }

  async expectNoCreate(key?: string, options?: AbsenceOptions): Promise<void> {
    const what = key === undefined ? 'a create' : `a create of the turn "${key}"`
    await expectSame(what, () => this.creates(key), options)
  }

  async expectNoUpgrade(options?: AbsenceOptions): Promise<void> {
    await expectSame('an upgrade', () => this.#logs.upgrades.total, options)
  }

  async expectNoClose(options?: AbsenceOptions): Promise<void> {
    const closed = (): number => this.connections().filter((each) => each.closeCode !== null).length
    await expectSame('the end of a connection', closed, options)
  }

  protected addConnection(connection: ServerConnection): void {
    this.#connections.add(connection)
    this.#waiting.changed()
  }

  protected stopWaiting(reason: Error): void {
    this.#waiting.stop(reason)
  }

  #seen(): string {
    const open = this.connections().filter((each) => each.open).length
    const { total } = this.#logs.upgrades
    return `The server saw ${total} upgrade(s), ${this.creates()} create(s), and has ${open} open connection(s).`
  }
}

async function expectSame(
  what: string,
  count: () => number,
  { forMs = 0 }: AbsenceOptions = {},
): Promise<void> {
  const before = count()
  if (forMs > 0) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, forMs)
    })
  }
  await settle()
  const more = count() - before
  if (more > 0) throw new UnexpectedEventError(`Expected not to see ${what}, but saw ${more}.`)
}

function countOf(counts: ReadonlyMap<string, number>, key: string | undefined): number {
  if (key !== undefined) return counts.get(key) ?? 0
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

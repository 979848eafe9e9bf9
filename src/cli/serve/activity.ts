import type { RequestRecord, ResponsesServer, ServerConnection, UpgradeRecord } from '../../testing/index.ts'
import { counted } from '../counted.ts'
import type { CliIo } from '../io.ts'
import { type Paint, paintFor } from '../screen/paint.ts'

/** The longest time that Node's timers take, in ms: 24 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/** Prints a line for each connection that opens, closes or is refused, and for each create, until the server closes. */
export function logActivity(server: ResponsesServer, io: CliIo): void {
  const log = new ActivityLog(server, io)
  // The server's `waitFor` looks whenever something happened, and rejects when the server is closed.
  server.waitFor('activity', () => log.look(), { timeoutMs: LONGEST_WAIT_MS }).catch(() => {})
}

class ActivityLog {
  readonly #server: ResponsesServer
  readonly #io: CliIo
  readonly #paint: Paint
  readonly #open = new Set<ServerConnection>()
  #lastConnection = 0
  #requests: readonly RequestRecord[] = []
  #upgrades: readonly UpgradeRecord[] = []

  constructor(server: ResponsesServer, io: CliIo) {
    this.#server = server
    this.#io = io
    this.#paint = paintFor(io.stdout, io.env)
  }

  /** Never finds anything: it is asked whenever something happens, and prints what is new. */
  look(): undefined {
    this.#lookAtUpgrades()
    this.#lookAtConnections()
    this.#lookAtRequests()
  }

  #lookAtUpgrades(): void {
    const { red } = this.#paint
    const upgrades = this.#server.upgrades()
    for (const { status } of newEntries(this.#upgrades, upgrades, isSameUpgrade)) {
      if (status !== 101)
        this.#print('upgrade', red(status === null ? 'not answered' : `refused with ${status}`))
    }
    this.#upgrades = upgrades
  }

  #lookAtConnections(): void {
    const { green, yellow } = this.#paint
    for (const connection of this.#server.connections()) {
      if (connection.id <= this.#lastConnection) continue
      this.#lastConnection = connection.id
      this.#open.add(connection)
      this.#print(nameOf(connection.id), green('opened'))
    }
    for (const connection of this.#open) {
      if (connection.closeCode === null) continue
      this.#open.delete(connection)
      const reason = connection.closeReason ?? ''
      this.#print(nameOf(connection.id), yellow(`closed with ${connection.closeCode}`), printable(reason))
    }
  }

  #lookAtRequests(): void {
    const { cyan } = this.#paint
    const requests = this.#server.requests()
    for (const request of newEntries(this.#requests, requests, isSameRequest)) {
      const kind = cyan(request.warmup ? 'warm-up' : 'create')
      this.#print(nameOf(request.connection), kind, describe(request))
    }
    this.#requests = requests
  }

  #print(who: string, what: string, more: string = ''): void {
    const time = new Date().toISOString().slice(11, 23)
    const { dim } = this.#paint
    this.#io.stdout.write(`${dim(time)}  ${who.padEnd(14)}${what}${more === '' ? '' : `  ${dim(more)}`}\n`)
  }
}

function describe({
  model,
  lane,
  previousResponseId,
  inputItems,
  outcome,
  responseId,
}: RequestRecord): string {
  const parts = [
    `model ${model ?? '(none)'}`,
    counted(inputItems, 'item'),
    previousResponseId === null ? null : `continues ${previousResponseId}`,
    lane === null ? null : `lane ${lane}`,
    outcome === 'error' && responseId === null ? 'refused' : null,
  ]
  return printable(parts.filter((part) => part !== null).join(', '))
}

/** What is in `after` and was not in `before`. Both are the end of one log that drops its oldest entries. */
function newEntries<Entry>(
  before: readonly Entry[],
  after: readonly Entry[],
  isSame: (a: Entry, b: Entry) => boolean,
): readonly Entry[] {
  if (after.length > before.length) return after.slice(before.length)
  const last = before.at(-1)
  return last === undefined ? [] : after.slice(after.findLastIndex((entry) => isSame(entry, last)) + 1)
}

function isSameUpgrade(a: UpgradeRecord, b: UpgradeRecord): boolean {
  return a.at === b.at && a.connection === b.connection
}

function isSameRequest(a: RequestRecord, b: RequestRecord): boolean {
  return a.at === b.at && a.connection === b.connection && a.lane === b.lane && a.turnKey === b.turnKey
}

function nameOf(connection: number | null): string {
  return connection === null ? 'HTTP' : `connection ${connection}`
}

/** A client chooses these words; they must not steer the terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the control characters are what is taken out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '').slice(0, 200)
}

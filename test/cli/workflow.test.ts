import { beforeAll, describe, expect, it } from 'vitest'
import { Exit } from '../../src/cli/exit.ts'
import { startDemoServer } from '../../src/cli/workflow/demo/server.ts'
import { runWorkflow } from '../../src/cli/workflow/run.ts'
import type { ResponsesServer } from '../../src/testing/index.ts'
import { CONTROL, type CliRun, cli, sinkIo } from './sink.ts'

const KEY = 'holdline-demo-key'

/** What the server itself wrote down of a run. */
interface Seen {
  readonly creates: number
  readonly closeCodes: (number | null)[]
  readonly continued: number
  readonly warmUps: readonly { readonly connection: number | null; readonly inputItems: number }[]
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly outcomes: (string | null)[]
}

function seenBy(server: ResponsesServer): Seen {
  const requests = server.requests()
  const bytes = { in: 0, out: 0 }
  for (const message of server.transcript()) bytes[message.direction] += message.bytes
  return {
    creates: server.creates(),
    closeCodes: server.connections().map(({ closeCode }) => closeCode),
    continued: requests.filter(({ previousResponseId }) => previousResponseId !== null).length,
    warmUps: requests.filter(({ warmup }) => warmup),
    bytesReceived: bytes.in,
    bytesSent: bytes.out,
    outcomes: requests.map(({ outcome }) => outcome),
  }
}

describe('the workflow on the local server', { timeout: 30_000 }, () => {
  let code = -1
  let stdout = ''
  let seen: Seen
  /** What follows the time and the label, in one row each. */
  let rows: string[] = []

  beforeAll(async () => {
    const { server, target } = await startDemoServer()
    const io = sinkIo()
    code = await runWorkflow(target, io, server)
    stdout = io.stdout.text
    rows = stdout
      .replaceAll(/\n {20}/g, ' ')
      .split('\n')
      .map((row) => row.replace(/^ *(\d+ ms)? */, ''))
    seen = seenBy(server)
    await server.close()
  }, 30_000)

  /** Expects rows that begin like these, in this order, whatever stands between them. */
  function inOrder(...patterns: readonly RegExp[]): void {
    let from = 0
    for (const pattern of patterns) {
      const at = rows.findIndex((row, index) => index >= from && pattern.test(row))
      expect(at, `${pattern} after row ${from} of\n${stdout}`).toBeGreaterThanOrEqual(from)
      from = at + 1
    }
  }

  it('ends well', () => {
    expect(code).toBe(Exit.ok)
    expect(seen.outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(1)
    expect(seen.outcomes.filter((outcome) => outcome === 'error')).toHaveLength(1)
    expect(seen.outcomes.filter((outcome) => outcome === 'incomplete')).toHaveLength(1)
    expect(seen.outcomes.filter((outcome) => outcome === 'completed')).toHaveLength(7)
  })

  it('shows a connection that is lost between two turns', () => {
    inOrder(
      /^turn 2 +sends 1 new item, the server knows the 3 before/,
      /^lost +the connection, between turn 2 and turn 3: code 1012 \(service restart\)/,
      /^state +reconnecting\.waiting\.inFloor {2}retry 1 of 5 in \d+ ms$/,
      /^state +reconnecting\.dialing/,
      /^state +open \{ health: probation/,
      /^turn 3 +sends the full history, 7 items: the connection is new/,
    )
    expect(seen.closeCodes[0]).toBe(1012)
  })

  it('shows one that is lost in the middle of a turn, which the workflow asks again', () => {
    inOrder(
      /^turn 4 +sends 1 new item, the server knows the 8 before/,
      /^model +That takes two searches, and they can$/,
      /^lost +the connection, in the middle of turn 4: code 1006/,
      /^state +reconnecting\.waiting\.inFloor {2}retry 1 of 5 in \d+ ms$/,
      /^lost +turn 4, which was streaming: a resend may do the work twice/,
      /^again +the workflow asks again/,
      /^turn 4 +sends the full history, 9 items$/,
      /^model +That takes two searches, and they can run side by side\.$/,
    )
    expect(seen.closeCodes[1]).toBe(1006)
    expect(rows.filter((row) => row.startsWith('lost'))).toHaveLength(3)
  })

  it('shows a lost chain, which Holdline replays by itself', () => {
    inOrder(
      /^turn 5 +sends 2 new items, the server knows the 12 before/,
      /^server +answers with the error previous_response_not_found/,
      /^resent +turn 5 \(replay\), by Holdline itself/,
      /^turn 5 +sends the full history, 14 items/,
      /^model +It tries again after/,
    )
    expect(rows.filter((row) => row.startsWith('resent'))).toHaveLength(1)
  })

  it('shows the move to a fresh connection between two turns, primed by a warm-up', () => {
    inOrder(
      /^pause /,
      /^ripe +no further turn starts on connection-1/,
      /^state +connection-1 {2}open \{ age: ripe \}/,
      /^state +connection-2 {2}connecting/,
      /^state +connection-2 {2}open \{ health: probation/,
      /^moved +turns start on connection-2, and connection-1 retires/,
      /^warm-up +sends the full history, 15 items, and asks for no answer/,
      /^turn 6 +sends 1 new item, the server knows the 15 before/,
    )
    expect(stdout).toContain('connection-1  closed.handshake\n')
    expect(seen.warmUps).toMatchObject([{ connection: 4, inputItems: 15 }])
    expect(stdout.slice(0, stdout.indexOf('pause'))).not.toContain('connection-1')
  })

  it('shows a steer with its outcome, and the text of the successor', () => {
    inOrder(
      /^turn 7 /,
      /^model +There are these policies/,
      /^steer +sent: One sentence is enough/,
      /^steer +accepted/,
      /^model +the response ends here: steered/,
      /^steer +committed: the successor begins/,
      /^model +It sends again only what provably did not run.*previous_response_not_found/,
    )
    expect(stdout).not.toContain('Under "safe"')
  })

  it('closes the connections that it leaves by a handshake', () => {
    expect(seen.closeCodes).toEqual([1012, 1006, 1000, 1000])
    expect(stdout).toMatch(/connection-2 {2}closed\.settled {2}requested/)
  })

  it('shows each transition with its time, and the times never go back', () => {
    const times = [...stdout.matchAll(/^ *(\d+) ms {2}/gm)].map(([, ms]) => Number(ms))
    expect(times.length).toBeGreaterThan(20)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(stdout.match(/open \{ health: probation, liveness: quiet, age: fresh \}/g)).toHaveLength(4)
    expect(stdout.match(/reconnecting\.dialing/g)).toHaveLength(2)
    expect(stdout.match(/open \{ health: stable \}/g)).toHaveLength(4)
  })

  it('takes its answers from what the tools found', () => {
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(flat).toContain('call search_files {"word":"backoffDelaysMs","folder":"src"}')
    expect(flat).toMatch(/result read_lines \d lines of src\/protocol\/options\/connection-options\.ts/)
    expect(flat).toMatch(/tries again 5 times, and waits 1, 2, 4, 8 and 16 seconds/)
    expect(flat).toMatch(
      /tries again after GOING_AWAY, NO_STATUS, ABNORMAL, .* and TLS_HANDSHAKE \(machines\/close-verdict\.ts, from line \d+\)/,
    )
    expect(flat).toMatch(/out of credit shows as 4402, and line \d+ of machines\/close-verdict\.ts/)
    expect(flat).toMatch(
      /"never", "repair", "safe" and "unanswered" \(machines\/turn\/resend\.ts, line \d+\)/,
    )
    expect(flat.match(/ call (search_files|read_lines) /g)).toHaveLength(6)
    expect(flat.match(/ result (search_files|read_lines) /g)).toHaveLength(6)
  })

  it('sums up what the server counted as well', () => {
    const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]?.replaceAll(',', ''))
    expect(stdout).toMatch(/turns +7 answered, 1 lost on the way, 1 steered/)
    expect(number(/creates +(\d+) sent/)).toBe(seen.creates)
    expect(number(/full history, (\d+) with the new items only/)).toBe(seen.continued)
    expect(number(/: (\d+) with the full history/)).toBe(seen.creates - seen.continued)
    expect(number(/warm-ups +(\d+) sent/)).toBe(seen.warmUps.length)
    expect(number(/sockets +(\d+) connections opened, 2 reconnects, 1 rotation/)).toBe(seen.closeCodes.length)
    expect(number(/tools +(\d+) calls/)).toBe(6)
    expect(number(/wire +([\d,]+) bytes sent/)).toBe(seen.bytesReceived)
    expect(number(/bytes sent, ([\d,]+) received/)).toBe(seen.bytesSent)
    expect(stdout).toContain(`server   counted ${seen.creates} creates and 1 warm-up on 4 connections`)
    expect(number(/ ([\d,]+) bytes in,/)).toBe(seen.bytesReceived)
    expect(number(/bytes in, ([\d,]+) out/)).toBe(seen.bytesSent)
    expect(seen.creates).toBe(9)
  })

  it('writes plain text where it is piped, and never the key', () => {
    expect(stdout).not.toMatch(CONTROL)
    expect(stdout).not.toContain(KEY)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(110)
    expect(stdout).not.toMatch(/ \n/)
  })
})

describe('the command', { timeout: 30_000 }, () => {
  it('colours a terminal, and counts a wait down on its last line', async () => {
    const { code, stdout, stderr }: CliRun = await cli(['workflow'], { terminal: { columns: 80 } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('\u001b[32mopen\u001b[39m')
    // oxlint-disable-next-line no-control-regex -- the codes that wipe a live line
    expect(stdout).toMatch(/━+.*─+.*\d+ ms.*\r\u001b\[K/)
    // Each live line is wiped before anything else is written.
    // oxlint-disable-next-line no-control-regex -- the codes that take no room
    const rows = stdout.split('\n').map((row) => row.replaceAll(/.*\r|\u001b\[[\d;]*[mK]/g, ''))
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThan(80)
    expect(rows.join('\n')).not.toContain('━')
  })

  it('closes gracefully and ends with 130 when it is interrupted in the middle of a turn', async () => {
    const { server, target } = await startDemoServer()
    const stop = new AbortController()
    const io = sinkIo({ signal: stop.signal })
    const run = runWorkflow(target, io, server)
    await server.waitForCreate()
    stop.abort()
    expect(await run).toBe(Exit.interrupted)
    const closed = await server.waitForClose(1)
    expect(closed.closeCode).toBe(1000)
    expect(server.connections()).toHaveLength(1)
    expect(server.creates()).toBe(1)
    await server.close()
  })

  it('ends with 130 when it is interrupted while it waits for the next attempt', async () => {
    const { server, target } = await startDemoServer()
    const stop = new AbortController()
    const io = sinkIo({ signal: stop.signal })
    const run = runWorkflow(target, io, server)
    await server.waitForClose(1)
    stop.abort()
    expect(await run).toBe(Exit.interrupted)
    expect(server.connections()).toHaveLength(1)
    await server.close()
  })

  it('ends with 130 when it is interrupted while nothing is asked', async () => {
    const { server, target } = await startDemoServer()
    const stop = new AbortController()
    const io = sinkIo({ signal: stop.signal })
    const pause = async (...args: Parameters<NonNullable<typeof target.pause>>): Promise<void> => {
      setImmediate(() => stop.abort())
      await target.pause?.(...args)
    }
    expect(await runWorkflow({ ...target, pause }, io, server)).toBe(Exit.interrupted)
    expect(io.stdout.text).toMatch(/turns +5 answered/)
    expect((await server.waitForClose(3)).closeCode).toBe(1000)
    expect(server.connections()).toHaveLength(3)
    await server.close()
  })

  it('does not begin when it was interrupted before', async () => {
    const { code, stdout } = await cli(['workflow'], { signal: AbortSignal.abort() })
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { Exit } from '../../src/cli/exit.ts'
import { startDemoServer } from '../../src/cli/workflow/demo-server.ts'
import { runWorkflow } from '../../src/cli/workflow/run.ts'
import { CONTROL, type CliRun, cli, sinkIo } from './sink.ts'

const KEY = 'holdline-demo-key'

/** What the server itself wrote down of a run. */
interface Seen {
  readonly creates: number
  readonly runs: number
  readonly closeCodes: (number | null)[]
  readonly continued: number
  readonly bytesSent: number
  readonly outcomes: (string | null)[]
}

describe('the workflow on the local server', { timeout: 30_000 }, () => {
  let code = -1
  let stdout = ''
  let seen: Seen

  beforeAll(async () => {
    const { server, target } = await startDemoServer()
    const io = sinkIo()
    code = await runWorkflow(target, io, server)
    stdout = io.stdout.text
    const requests = server.requests()
    seen = {
      creates: server.creates(),
      runs: server.runs(),
      closeCodes: server.connections().map(({ closeCode }) => closeCode),
      continued: requests.filter(({ previousResponseId }) => previousResponseId !== null).length,
      bytesSent: server
        .transcript()
        .reduce((sum, { direction, bytes }) => sum + (direction === 'in' ? bytes : 0), 0),
      outcomes: requests.map(({ outcome }) => outcome),
    }
    await server.close()
  }, 30_000)

  it('ends well', () => {
    expect(code).toBe(Exit.ok)
    expect(seen.outcomes.filter((outcome) => outcome === 'completed').length).toBeGreaterThanOrEqual(4)
    expect(seen.outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(1)
  })

  it('shows both losses: one between turns, one in the middle of a turn', () => {
    expect(stdout).toMatch(
      /reconnecting\.waiting\.cooling {2}attempt 1 of 5, waiting \d+ ms {2}code 1012: service/,
    )
    expect(stdout).toMatch(/reconnecting\.waiting\.cooling {2}attempt 1 of 5, waiting \d+ ms {2}code 1006/)
    expect(stdout).toMatch(/lost +turn 3 got as far as "streaming": \d+ events had come back on connection 2/)
    expect(stdout.match(/ lost /g)).toHaveLength(2) // its line, and the summary's
    expect(seen.closeCodes.slice(0, 2)).toEqual([1012, 1006])
    expect(stdout).toContain('turn 3   asks again and sends the full history, 7 items')
  })

  it('closes the last connection by a handshake', () => {
    expect(seen.closeCodes).toHaveLength(3)
    expect(seen.closeCodes[2]).toBe(1000)
    expect(stdout).toMatch(/closed\.settled {2}requested/)
  })

  it('shows each transition with its time, and the times never go back', () => {
    const times = [...stdout.matchAll(/^ *(\d+) ms {2}/gm)].map(([, ms]) => Number(ms))
    expect(times.length).toBeGreaterThan(20)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(stdout.match(/open \{ health: probation, liveness: quiet, age: fresh \}/g)).toHaveLength(3)
    expect(stdout.match(/reconnecting\.dialing/g)).toHaveLength(2)
    expect(stdout).toContain('open { health: stable }')
  })

  it('takes its answers from what the tools found', () => {
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(flat).toContain('call search_files {"word":"backoffDelaysMs","folder":"machines"}')
    expect(flat).toMatch(/result read_lines \d lines of machines\/connection\/settings\.ts/)
    expect(flat).toMatch(/tries again 5 times, and waits 1, 2, 4, 8 and 16 seconds/)
    expect(flat).toMatch(
      /tries again after 1001, 1005, 1006, .* and 1015 \(machines\/close-verdict\.ts, line \d+\)/,
    )
    expect(flat).toMatch(/out of credit shows as 4402/)
  })

  it('sums up what the server counted as well', () => {
    const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]?.replaceAll(',', ''))
    expect(stdout).toMatch(/turns +5 answered, 1 lost on the way/)
    expect(number(/creates +(\d+) sent/)).toBe(seen.creates)
    expect(number(/full history, (\d+) with the new items only/)).toBe(seen.continued)
    expect(number(/sockets +(\d+) connections opened, 2 reconnects/)).toBe(seen.closeCodes.length)
    expect(number(/wire +([\d,]+) bytes sent/)).toBe(seen.bytesSent)
    expect(stdout).toContain(`server   counted ${seen.creates} creates on 3 connections`)
    expect(seen.runs).toBe(6)
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

  it('does not begin when it was interrupted before', async () => {
    const { code, stdout } = await cli(['workflow'], { signal: AbortSignal.abort() })
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  })
})

#!/usr/bin/env node
import process from 'node:process'
import { runCli } from './run-cli.ts'

const stop = new AbortController()

// Once only: a second Ctrl-C ends the process at once, as it would without us.
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
// The reader of a pipe may go first, as in `holdline workflow | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stop.abort()
  })
}

const { stdout, stderr, env } = process
process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr, env, signal: stop.signal })

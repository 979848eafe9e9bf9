import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import type { AnyStateMachine, InspectionEvent } from 'xstate'
import { BadOptionError } from '../src/protocol/errors.ts'
import type { RecordingEntry } from '../src/recording/format.ts'
import { FrameRecorder } from '../src/recording/frames.ts'
import { ActorObserver } from '../src/recording/observe.ts'
import { createRedactor } from '../src/recording/redact.ts'
import { describeChart } from './chart/describe.ts'
import type { ChartModel } from './chart/model.ts'
import { readPage } from './server/assets.ts'
import { EntryBuffer } from './server/buffer.ts'
import { ViewerFeed } from './server/feed.ts'
import { servePage } from './server/http.ts'
import { welcomeViewers } from './server/viewers.ts'
import { StatelyBridge } from './stately/bridge.ts'

/** Options of `startInspector`. */
export interface InspectorOptions {
  /** Port on 127.0.0.1. Default: 0, any that is free. */
  readonly port?: number | undefined
  /** Entries that are kept; the oldest go first, and are counted. Default: 20 000. */
  readonly maxEntries?: number | undefined
  /**
   * Names of fields of contexts and events whose texts are shown, wherever they stand. Default: none; then only ids
   * and codes are shown, and other texts by their length. What is sealed in a `Secret` is never shown.
   */
  readonly reveal?: readonly string[] | undefined
  /** Lets the page send events to actors. Default: false. */
  readonly allowSend?: boolean | undefined
  /** Shown at the top of the page. Default: the name of the program that runs. */
  readonly title?: string | undefined
  /** Where the address is written to. Default: stderr, so that a program's output stays its own. */
  readonly print?: ((line: string) => void) | undefined
}

/** A running inspector. */
export interface Inspector extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/?token=…`. The token is a new one with every start. */
  readonly url: string
  readonly port: number
  /**
   * Watches actors: `createActor(machine, { inspect: inspector.inspect })`, or the option `inspect` of the classes.
   * It never throws, and costs the app nothing but its own time while nobody looks.
   */
  readonly inspect: (event: InspectionEvent) => void
  /** Everything that is kept, as the text of a recording. */
  recording(): string
  /** Pages, and readers of the stream for Stately's inspector, that are connected. */
  readonly viewers: number
  /** Entries that were dropped because `maxEntries` was reached. */
  readonly dropped: number
  /** Ends the page and stops watching. What the actors do is not changed. Calling it again does nothing. */
  close(): Promise<void>
}

const DEFAULT_MAX_ENTRIES = 20_000

/**
 * Serves a page that shows every watched actor while it runs, and prints its address. It binds to 127.0.0.1, asks
 * for the token in the address, and shows no credential and no content of a frame. It does not keep the process
 * alive.
 *
 * @throws {BadOptionError} for a bad option
 * @throws {HoldlineError} `ERR_INSPECTOR` when the port cannot be had
 *
 * @example
 * ```ts
 * const inspector = await startInspector()
 * const connection = new ResponsesConnection({ apiKey, inspect: inspector.inspect })
 * ```
 */
export async function startInspector(options: InspectorOptions = {}): Promise<Inspector> {
  checkOptions(options)
  const token = randomBytes(24).toString('base64url')
  const { server, port } = await servePage(await readPage(), { port: options.port ?? 0, token })
  server.unref()
  const url = `http://127.0.0.1:${port}/?token=${token}`

  const watch = startWatching(options)
  const stately = new StatelyBridge({
    redact: createRedactor(options),
    now: watch.now,
    push: (entry) => watch.buffer.push(entry),
  })
  const feed = new ViewerFeed({
    buffer: watch.buffer,
    title: options.title ?? programName(),
    startedAt: new Date().toISOString(),
    complete: false,
    now: watch.now,
    flush: watch.flush,
    command:
      options.allowSend === true ? ({ actor, event }) => watch.observer.actorAt(actor)?.send(event) : null,
  })
  const sendAway = welcomeViewers(
    server,
    { port, token },
    { '/socket': feed.welcome, '/stately': stately.welcome },
  )
  const print = options.print ?? ((line: string) => void process.stderr.write(`${line}\n`))
  print(`Holdline inspector: ${url}`)

  let closing: Promise<void> | null = null
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      feed.stop()
      watch.stop()
      sendAway()
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closing
  }

  return {
    url,
    port,
    inspect: (event) => {
      watch.inspect(event)
      stately.inspect(event)
    },
    recording: () => watch.text(options.title ?? programName()),
    get viewers() {
      return feed.viewers + stately.viewers
    },
    get dropped() {
      return watch.buffer.dropped
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function startWatching(options: InspectorOptions) {
  const origin = performance.now()
  const startedAt = new Date().toISOString()
  const now = (): number => Math.round((performance.now() - origin) * 1000) / 1000
  const buffer = new EntryBuffer(options.maxEntries ?? DEFAULT_MAX_ENTRIES)
  const observer = new ActorObserver({
    now,
    push: (entry) => push(entry),
    describe: describeQuietly,
    ...(options.reveal && { reveal: options.reveal }),
  })
  const frames = new FrameRecorder({
    now,
    push: (entry) => buffer.push(entry),
    pathOf: (session) => observer.pathOfSession(session),
  })
  /** A run of frames is held back until it is complete: it goes first, so that entries are in the order of time. */
  const push = (entry: RecordingEntry): void => {
    frames.flush()
    buffer.push(entry)
  }
  const flush = (): void => {
    frames.flush()
    observer.sweep()
  }
  let stopped = false
  return {
    buffer,
    observer,
    now,
    push,
    flush,
    inspect: (event: InspectionEvent): void => {
      if (!stopped) observer.inspect(event)
    },
    text: (title: string): string => {
      flush()
      return buffer.toText({ startedAt, title })
    },
    stop: (): void => {
      stopped = true
      frames.stop()
    },
  }
}

/** A chart that cannot be described is listed without its picture. */
function describeQuietly(machine: AnyStateMachine): ChartModel | null {
  try {
    return describeChart(machine)
  } catch {
    return null
  }
}

function programName(): string {
  return process.argv[1]?.split(/[/\\]/).at(-1) ?? 'holdline'
}

function checkOptions({ port, maxEntries, reveal, print }: InspectorOptions): void {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new BadOptionError('port', 'must be a whole number from 0 to 65535')
  }
  if (maxEntries !== undefined && !(Number.isInteger(maxEntries) && maxEntries >= 100)) {
    throw new BadOptionError('maxEntries', 'must be a whole number of at least 100')
  }
  if (reveal !== undefined && !(Array.isArray(reveal) && reveal.every((name) => typeof name === 'string'))) {
    throw new BadOptionError('reveal', 'must be a list of names of fields')
  }
  if (print !== undefined && typeof print !== 'function')
    throw new BadOptionError('print', 'must be a function')
}

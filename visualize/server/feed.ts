import { layoutsOf, readPackaged } from '../chart/packaged.ts'
import { isChartModel } from '../chart/model.ts'
import type { LayoutRequest, PageMessage, SendCommand, ServerMessage } from '../view/messages.ts'
import type { EntryBuffer } from './buffer.ts'
import type { Viewer, Welcome } from './viewers.ts'

const TICK_MS = 100
/** Entries in one message. */
const CHUNK = 2000

export interface FeedOptions {
  readonly buffer: EntryBuffer
  readonly title: string
  readonly startedAt: string | null
  readonly complete: boolean
  /** ms since the recording began. */
  readonly now: () => number
  /** Called before the buffer is read. */
  readonly flush: () => void
  /** Takes commands of the page; null where it may only look. */
  readonly command: ((command: SendCommand) => void) | null
}

interface Seat {
  readonly viewer: Viewer
  next: number
  /** Charts it has been told of. */
  charts: number
}

/**
 * Brings what is in the buffer to the viewers, each at its own pace. A viewer that does not keep up gets nothing
 * until it has read what it was sent, and starts over where entries were dropped meanwhile.
 */
export class ViewerFeed {
  readonly #options: FeedOptions
  readonly #seats = new Set<Seat>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: FeedOptions) {
    this.#options = options
  }

  get viewers(): number {
    return this.#seats.size
  }

  readonly welcome: Welcome = (viewer, onMessage, onGone) => {
    const seat: Seat = { viewer, next: 0, charts: 0 }
    this.#seats.add(seat)
    this.#greet(seat)
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref()
    this.tick()
    onMessage((text) => this.#obey(viewer, text))
    onGone(() => {
      this.#seats.delete(seat)
      if (this.#seats.size === 0) this.stop()
    })
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  tick(): void {
    const { buffer, flush, now } = this.#options
    flush()
    for (const seat of this.#seats) {
      if (!seat.viewer.isReady) continue
      if (seat.next < buffer.first) this.#greet(seat)
      this.#tellCharts(seat)
      do {
        const entries = buffer.from(seat.next, CHUNK)
        seat.next += entries.length
        // An empty one is a sign of life, and sets the page's clock.
        say(seat.viewer, { type: 'entries', at: now(), entries })
      } while (seat.next < buffer.next && seat.viewer.isReady)
    }
  }

  #greet(seat: Seat): void {
    const { buffer, title, startedAt, complete, now, command } = this.#options
    const { base, first } = buffer.start()
    seat.next = first
    say(seat.viewer, {
      type: 'hello',
      startedAt,
      title,
      at: now(),
      complete,
      maySend: command !== null,
      base,
      dropped: buffer.dropped,
    })
  }

  #tellCharts(seat: Seat): void {
    const { charts } = this.#options.buffer.start()
    for (const { chart, model } of charts.slice(seat.charts)) {
      if (isChartModel(model)) void tellLayout(seat.viewer, { type: 'layout', chart, model })
    }
    seat.charts = charts.length
  }

  #obey(viewer: Viewer, text: string): void {
    const message = parseMessage(text)
    if (message?.type === 'layout') void tellLayout(viewer, message)
    else if (message?.type === 'send') this.#options.command?.(message)
  }
}

async function tellLayout(viewer: Viewer, { chart, model }: LayoutRequest): Promise<void> {
  try {
    if (model === null) {
      const packaged = await readPackaged(chart)
      if (packaged !== null) say(viewer, { type: 'chart', chart, ...packaged })
    } else if (isChartModel(model))
      say(viewer, { type: 'chart', chart, model, layouts: await layoutsOf(model) })
  } catch {
    // A recording may hold anything where a chart should be: it is then shown without a picture.
  }
}

function say(viewer: Viewer, message: ServerMessage): void {
  viewer.send(JSON.stringify(message))
}

function parseMessage(text: string): PageMessage | null {
  try {
    const value = JSON.parse(text) as Partial<PageMessage> | null
    if (value?.type === 'layout' && typeof value.chart === 'string') return value as LayoutRequest
    if (value?.type === 'send' && typeof value.actor === 'string' && typeof value.event?.type === 'string') {
      return { type: 'send', actor: value.actor, event: value.event }
    }
    return null
  } catch {
    return null
  }
}

import type { CliIo, Output } from '../io.ts'
import { type Paint, isTerminal, paintFor } from './paint.ts'
import { type Style, TextFlow } from './text-flow.ts'

/** A stretch of a line. Default style: the terminal's own. */
export type Span = string | readonly [text: string, style: Style]

export interface ScreenOptions {
  readonly output: Output
  readonly env: CliIo['env']
  /** Milliseconds since the start. */
  readonly elapsedMs: () => number
  /** Never printed, whoever says it. Default: none. */
  readonly secret?: string | undefined
}

const TIME_WIDTH = 9
const LABEL_WIDTH = 9
/** Width of a row where the output does not say how wide it is. */
const PIPED_COLUMNS = 110
const LEAST_TEXT = 24

const plain: Style = (text) => text

/**
 * Lines of three columns: the time, a label, and text that is wrapped under itself. On a terminal the last row can
 * hold a live line, which is written over.
 */
export class Screen {
  readonly paint: Paint
  readonly #options: ScreenOptions
  readonly #terminal: boolean
  #flow: TextFlow | null = null
  #live: string | null = null
  #liveShown = false

  constructor(options: ScreenOptions) {
    this.#options = options
    this.#terminal = isTerminal(options.output, options.env)
    this.paint = paintFor(options.output, options.env)
  }

  /** Characters that `live` may show; 0 where it shows nothing. */
  get liveWidth(): number {
    return this.#terminal ? (this.#options.output.columns ?? PIPED_COLUMNS) - 1 : 0
  }

  /** One whole line, with the time. */
  line(label: Span, ...spans: readonly Span[]): void {
    this.endText()
    this.#begin(label, this.#time(), spans)
    this.endText()
  }

  /** One whole line, without the time. */
  untimed(label: Span, ...spans: readonly Span[]): void {
    this.endText()
    this.#begin(label, '', spans)
    this.endText()
  }

  /** A piece of text that arrives bit by bit. The first piece opens a line, and `endText` or another line ends it. */
  text(label: Span, piece: string): void {
    if (this.#flow === null) this.#begin(label, this.#time(), [])
    this.#flow?.add(piece, plain)
  }

  endText(): void {
    if (this.#flow === null) return
    this.#flow.end()
    this.#flow = null
    this.#write('\n')
    this.#showLive()
  }

  blank(): void {
    this.endText()
    this.#write('\n')
    this.#showLive()
  }

  /** Shows a line that the next call writes over, at most `liveWidth` wide; null takes it away. */
  live(line: string | null): void {
    this.#live = line
    if (this.#flow === null) this.#showLive()
  }

  #begin(label: Span, time: string, spans: readonly Span[]): void {
    const [name, style] = typeof label === 'string' ? [label, plain] : label
    const indent = ' '.repeat(TIME_WIDTH + 2 + LABEL_WIDTH)
    this.#write(`${this.paint.dim(time.padStart(TIME_WIDTH))}  ${style(name)}`)
    const columns = (this.#terminal ? this.#options.output.columns : undefined) ?? PIPED_COLUMNS
    this.#flow = new TextFlow({
      lead: ' '.repeat(Math.max(1, LABEL_WIDTH - name.length)),
      indent,
      // One column stays free: some terminals wrap as soon as the last one is written to.
      width: Math.max(LEAST_TEXT, columns - indent.length - 1),
      write: (text) => this.#write(text),
      filter: (word) => this.#hide(word),
    })
    for (const span of spans) {
      if (typeof span === 'string') this.#flow.add(span, plain)
      else this.#flow.add(...(span as [string, Style]))
    }
  }

  #time(): string {
    return `${Math.round(this.#options.elapsedMs())} ms`
  }

  #hide(word: string): string {
    const { secret } = this.#options
    return secret === undefined || secret === '' ? word : word.replaceAll(secret, '[redacted]')
  }

  #showLive(): void {
    if (!this.#terminal) return
    this.#wipe()
    if (this.#live === null) return
    this.#options.output.write(this.#live)
    this.#liveShown = true
  }

  #wipe(): void {
    if (!this.#liveShown) return
    this.#options.output.write('\r\u001b[K')
    this.#liveShown = false
  }

  #write(text: string): void {
    this.#wipe()
    if (text !== '') this.#options.output.write(text)
  }
}

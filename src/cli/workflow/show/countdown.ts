import type { Screen } from '../../screen/screen.ts'

const TICK_MS = 60
const BAR_WIDTH = 24
const INDENT = 20
/** With the figure behind the bar. */
const WHOLE_WIDTH = INDENT + BAR_WIDTH + 9

/** On a terminal: a bar under the last line that shows how much of a wait is left. */
export class Countdown {
  readonly #screen: Screen
  #timer: NodeJS.Timeout | null = null

  constructor(screen: Screen) {
    this.#screen = screen
  }

  start(waitMs: number): void {
    this.stop()
    if (this.#screen.liveWidth < WHOLE_WIDTH || waitMs <= 0) return
    const startedAt = performance.now()
    const draw = (): void => this.#draw(Math.max(0, waitMs - (performance.now() - startedAt)), waitMs)
    this.#timer = setInterval(draw, TICK_MS)
    draw()
  }

  stop(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.#screen.live(null)
  }

  #draw(leftMs: number, waitMs: number): void {
    const { yellow, dim } = this.#screen.paint
    const done = Math.round((1 - leftMs / waitMs) * BAR_WIDTH)
    const bar = yellow('━'.repeat(done)) + dim('─'.repeat(BAR_WIDTH - done))
    this.#screen.live(`${' '.repeat(INDENT)}${bar} ${yellow(`${Math.ceil(leftMs)} ms`)}`)
  }
}

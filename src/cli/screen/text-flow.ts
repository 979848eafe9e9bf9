/** Turns a piece of text into what is printed for it. */
export type Style = (text: string) => string

interface Piece {
  readonly text: string
  readonly style: Style
}

export interface FlowOptions {
  /** Characters a row holds beside the indent. */
  readonly width: number
  /** Put before the first word. */
  readonly lead: string
  /** Put before every row but the first. */
  readonly indent: string
  readonly write: (text: string) => void
  /** Last change to a word before it is styled, such as hiding a key. */
  readonly filter: (word: string) => string
}

/** A server's text must not steer the terminal. */
// oxlint-disable-next-line no-control-regex -- the control characters are what is taken out
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g

const segmenter = new Intl.Segmenter()

/** Breaks text into rows at spaces, while it arrives in pieces. A word is printed when it is whole. */
export class TextFlow {
  readonly #options: FlowOptions
  #column = 0
  #lead: string
  #space = ''
  #word: Piece[] = []

  constructor(options: FlowOptions) {
    this.#options = options
    this.#lead = options.lead
  }

  add(text: string, style: Style): void {
    for (const part of text.replaceAll('\t', ' ').replaceAll(CONTROL, '').split(/(\s+)/)) {
      if (part === '') continue
      if (part.trim() !== '') {
        this.#append(part, style)
        continue
      }
      this.#flush()
      if (part.includes('\n')) this.#newRow()
      else this.#space += part
    }
  }

  /** Prints the last word. */
  end(): void {
    this.#flush()
  }

  /** Pieces of one style are joined, so that a key cannot hide across two of them. */
  #append(text: string, style: Style): void {
    const last = this.#word.at(-1)
    if (last?.style === style) this.#word[this.#word.length - 1] = { text: last.text + text, style }
    else this.#word.push({ text, style })
  }

  #flush(): void {
    if (this.#word.length === 0) return
    const { width, filter } = this.#options
    const pieces = this.#word.map(({ text, style }) => ({ text: filter(text), style }))
    this.#word = []
    const length = pieces.reduce((sum, { text }) => sum + charactersOf(text).length, 0)
    if (this.#column > 0 && this.#column + this.#space.length + length > width) this.#newRow()
    if (this.#column > 0) this.#print(this.#space, (text) => text)
    this.#space = ''
    for (const { text, style } of pieces) this.#printBroken(text, style)
  }

  /** A word that is longer than a row is broken anywhere. */
  #printBroken(text: string, style: Style): void {
    let rest = charactersOf(text)
    while (this.#column + rest.length > this.#options.width) {
      const room = this.#options.width - this.#column
      if (room > 0) this.#print(rest.slice(0, room).join(''), style)
      rest = rest.slice(Math.max(room, 0))
      this.#newRow()
    }
    if (rest.length > 0) this.#print(rest.join(''), style)
  }

  #print(text: string, style: Style): void {
    if (text === '') return
    this.#options.write(this.#lead + style(text))
    this.#lead = ''
    this.#column += charactersOf(text).length
  }

  #newRow(): void {
    this.#options.write(`\n${this.#options.indent}`)
    this.#column = 0
    this.#space = ''
  }
}

/** What a reader counts as characters; an emoji is one. */
function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

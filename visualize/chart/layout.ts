import type { SketchBox } from './sketch.ts'
import type { Line } from './lines.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Rect extends Point {
  readonly width: number
  readonly height: number
}

/** A box with its place. All coordinates are px from the top left corner of the drawing. */
export interface LaidBox extends Rect {
  readonly path: string
  readonly title: string
  readonly kind: SketchBox['kind']
  readonly isRegion: boolean
  readonly lines: readonly Line[]
}

/** A dot: where a state starts (`initial`), or where transitions of a state that lead into it start (`mark`). */
export interface LaidDot extends Point {
  readonly kind: 'initial' | 'mark'
  /** The state that it belongs to. */
  readonly path: string
}

export interface LaidEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  /** Corners of the arrow, its ends included. Empty where it could not be laid out. */
  readonly points: readonly Point[]
  readonly lines: readonly Line[]
  /** Where the label stands, or null for an arrow without one. */
  readonly label: Rect | null
  readonly transitions: readonly string[]
}

/** A chart with a place for everything: what a drawing is made of. */
export interface ChartLayout {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Outer boxes before the ones inside them. The root has none. */
  readonly boxes: readonly LaidBox[]
  readonly dots: readonly LaidDot[]
  readonly edges: readonly LaidEdge[]
  /** Of the root: what happens in every state and leads nowhere. */
  readonly lines: readonly Line[]
}

/** Sizes in px that layout and drawing share. Labels are set in a monospaced font: its widths are known. */
export const METRICS = Object.freeze({
  lineHeight: 15,
  charWidth: 6.65,
  titleCharWidth: 8.4,
  titleHeight: 32,
  countdownWidth: 52,
  padding: 14,
  dot: 10,
})

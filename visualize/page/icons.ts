import { svg } from '../chart/drawing.ts'
import { svgElement } from './dom.ts'

/** Outlines on a grid of 16 by 16. Drawn, because fonts differ in which of these signs they have. */
const ICONS = {
  play: 'M5 3.2v9.6L12.6 8z',
  pause: 'M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z',
  back: 'M3.6 3.5h1.8v9H3.6zM12.4 3.5v9L6 8z',
  on: 'M10.6 3.5h1.8v9h-1.8zM3.6 3.5v9L10 8z',
} as const

export function icon(name: keyof typeof ICONS): SVGElement {
  return svgElement(
    svg('svg', { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, [
      svg('path', { d: ICONS[name] }),
    ]),
  )
}

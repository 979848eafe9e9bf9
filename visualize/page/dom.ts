import type { SvgNode } from '../chart/drawing.ts'

type Child = Node | string | null | undefined | false
type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: never) => void)>
>

/** Makes an element. `on…` attributes are listeners; absent and false ones are left out. Text is never read as markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** A button. `title` says what it does, and is its name where its label is a sign. */
export function button(
  label: string | Node,
  title: string,
  act: () => void,
  options: { readonly pressed?: boolean; readonly named?: boolean } = {},
): HTMLButtonElement {
  const { pressed, named } = options
  const attributes = {
    type: 'button',
    title,
    'aria-label': named === true ? null : title,
    'aria-pressed': pressed === undefined ? null : String(pressed),
    onclick: act,
  }
  return h('button', attributes, label)
}

const SVG = 'http://www.w3.org/2000/svg'

/** Makes a drawing into elements. */
export function svgElement({ tag, attributes, inside }: SvgNode): SVGElement {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes))
    if (name !== 'xmlns') element.setAttribute(name, String(value))
  element.append(...inside.map((part) => (typeof part === 'string' ? part : svgElement(part))))
  return element
}

/** Gives a file to the reader. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

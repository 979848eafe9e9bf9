import { isHoldlineError } from '../../src/protocol/errors.ts'
import { RECORDING_EXTENSION, RECORDING_MEDIA_TYPE } from '../../src/recording/format.ts'
import { formatEntry, formatHeader, parseRecording } from '../../src/recording/parse.ts'
import { chartToMermaid } from '../chart/mermaid.ts'
import { chartToSvg } from '../chart/svg-file.ts'
import { type ChartModel, isChartModel } from '../chart/model.ts'
import type { ChartView } from './chart-view.ts'
import { button, h, saveFile } from './dom.ts'
import type { PageModel } from './model.ts'

/** Told of the charts that a recording brought along. */
type Opened = (charts: readonly { readonly name: string; readonly model: ChartModel }[]) => void

/** Takes a recording from disk, and gives away what is shown: as a recording, as a picture, as text. */
export class Files {
  readonly element: HTMLElement
  readonly #model: PageModel
  readonly #chart: ChartView
  readonly #opened: Opened
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true })

  constructor(model: PageModel, chart: ChartView, opened: Opened) {
    this.#model = model
    this.#chart = chart
    this.#opened = opened
    const input = h('input', {
      type: 'file',
      accept: '.jsonl,.ndjson',
      class: 'visually-hidden',
      tabindex: -1,
      'aria-hidden': 'true',
    })
    input.addEventListener('change', () => {
      const file = input.files?.[0]
      if (file !== undefined) void this.open(file)
      input.value = ''
    })
    this.element = h(
      'div',
      { class: 'files' },
      button('Open', 'Open a recording; it can also be dropped on the page', () => input.click(), {
        named: true,
      }),
      button('Save', 'Save what is shown as a recording', () => this.#saveRecording(), { named: true }),
      button('SVG', 'Save the chart as a picture', () => this.#saveSvg(), { named: true }),
      button('Mermaid', 'Save the chart as Mermaid', () => this.#saveMermaid(), { named: true }),
      input,
      this.#problem,
    )
    acceptDrops((file) => void this.open(file))
  }

  async open(file: File): Promise<void> {
    try {
      const { header, entries } = parseRecording(await file.text(), file.name)
      const model = this.#model
      model.source = 'file'
      model.isFromDisk = true
      model.title = header.title ?? file.name
      model.startedAt = header.startedAt
      this.#opened(
        entries.flatMap((entry) =>
          entry.kind === 'chart' && isChartModel(entry.model)
            ? [{ name: entry.chart, model: entry.model }]
            : [],
        ),
      )
      model.reset(entries)
      this.say(null)
    } catch (error) {
      // What the recording itself is blamed for names the file and the line.
      this.say(isHoldlineError(error) ? error.message : `${file.name} cannot be read: ${String(error)}`)
    }
  }

  say(problem: string | null): void {
    this.#problem.hidden = problem === null
    this.#problem.textContent = problem
  }

  #saveRecording(): void {
    const { history, startedAt, title, charts } = this.#model
    const from = history.startAt
    const lines = [
      formatHeader({ startedAt, title }),
      ...[...charts].map(([chart, { model }]) => formatEntry({ at: 0, kind: 'chart', chart, model })),
      ...history.entries.map((entry) => formatEntry({ ...entry, at: entry.at - from })),
    ]
    saveFile(`recording${RECORDING_EXTENSION}`, RECORDING_MEDIA_TYPE, `${lines.join('\n')}\n`)
  }

  #saveSvg(): void {
    const { layout } = this.#chart
    if (layout === null) return this.say('There is no chart to save.')
    saveFile(`${layout.id}.svg`, 'image/svg+xml', chartToSvg(layout))
  }

  #saveMermaid(): void {
    const { world, actor, charts } = this.#model
    const name = actor === null ? null : world.actors.get(actor)?.chart
    const chart = name == null ? undefined : charts.get(name)
    if (chart === undefined) return this.say('There is no chart to save.')
    saveFile(`${chart.model.id}.mmd`, 'text/vnd.mermaid', chartToMermaid(chart.model))
  }
}

function acceptDrops(take: (file: File) => void): void {
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    document.body.classList.add('dropping')
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    document.body.classList.remove('dropping')
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) take(file)
  })
}

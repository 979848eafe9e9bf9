import type { ServerMessage } from '../view/messages.ts'
import { ActorList } from './actor-list.ts'
import { ChartView } from './chart-view.ts'
import { Detail } from './detail.ts'
import { h } from './dom.ts'
import { Files } from './files.ts'
import { LaneView } from './lane-view.ts'
import { Link } from './link.ts'
import { LogList } from './log-list.ts'
import { PageModel } from './model.ts'
import { Sender } from './sender.ts'
import { StatusBar } from './status-bar.ts'
import { Tabs } from './tabs.ts'
import { Timeline } from './timeline.ts'
import { bindKeys } from './keys.ts'

const model = new PageModel(() => draw())
const chart = new ChartView()
const lanes = new LaneView()
const status = new StatusBar()
const actors = new ActorList(
  (actor) => model.pickActor(actor),
  () => draw(),
)
const log = new LogList(model)
const detail = new Detail()
const timeline = new Timeline(model)
const tabs = new Tabs({ Chart: chart.element, Lanes: lanes.element }, () => draw())
const link = new Link(hear)
const files = new Files(model, chart, (charts) => {
  for (const { name, model: own } of charts) model.addChart(name, { model: own, layouts: null })
  for (const { name, model: own } of charts) link.send({ type: 'layout', chart: name, model: own })
})
const sender = new Sender((actor, event) => link.send({ type: 'send', actor, event }))
const source = h('span', { class: 'source' })
const title = h('span', { class: 'title' })
const dropped = h('span', { class: 'dropped' })

document.body.append(
  h(
    'header',
    { class: 'top' },
    h('span', { class: 'logo', 'aria-hidden': 'true' }),
    h('span', { class: 'brand' }, 'Holdline'),
    title,
    source,
    dropped,
    files.element,
  ),
  h('nav', { class: 'left', 'aria-label': 'Actors' }, actors.element),
  h('main', {}, status.element, tabs.element, sender.element),
  h('aside', { class: 'right', 'aria-label': 'Log and details' }, log.element, detail.element),
  timeline.element,
)
bindKeys({ timeline, log, follow: () => model.follow() })

const asked = new Set<string>()
let frame = 0

function hear(message: ServerMessage | { readonly type: 'lost' }): void {
  // A recording that was opened stays on the page, whatever the app does meanwhile.
  if (message.type === 'chart') model.addChart(message.chart, message)
  else if (model.isFromDisk) return
  else if (message.type === 'lost') model.source = model.source === 'file' ? 'file' : 'lost'
  else if (message.type === 'hello') greet(message)
  else {
    model.setClock(message.at)
    model.add(message.entries)
  }
  draw()
}

function greet(hello: Extract<ServerMessage, { type: 'hello' }>): void {
  // After a gap, or in another run of the app: what was there before does not join up with what comes.
  model.source = hello.complete ? 'file' : 'live'
  model.title = hello.title
  model.startedAt = hello.startedAt
  model.maySend = hello.maySend
  model.dropped = hello.dropped
  model.setClock(hello.at)
  model.reset(hello.base)
}

function draw(): void {
  frame ||= requestAnimationFrame(() => {
    frame = 0
    drawNow()
  })
}

function drawNow(): void {
  const { world, at } = model
  const actor = model.actor === null ? null : (world.actors.get(model.actor) ?? null)
  const name = actor?.chart ?? (world.actors.size === 0 ? ([...model.charts.keys()][0] ?? null) : null)
  const known = name === null ? null : (model.charts.get(name) ?? null)
  if (name !== null && known === null && !asked.has(name)) {
    asked.add(name)
    link.send({ type: 'layout', chart: name, model: null })
  }
  actors.show(world, model.actor, at)
  status.show(actor, known?.model ?? null, at)
  chart.show(actor, known, at)
  lanes.show(model)
  log.show(model)
  detail.show(model.row, actor)
  timeline.show()
  sender.show(model.maySend && model.isFollowing && model.source === 'live' ? actor : null)
  title.textContent = model.title
  source.textContent = { connecting: 'connecting', live: 'live', lost: 'the app is gone', file: 'recording' }[
    model.source
  ]
  source.className = `source ${model.source}`
  dropped.textContent = model.dropped === 0 ? '' : `${model.dropped} older entries were not kept`
}

// Countdowns and ages move on when nothing happens.
setInterval(() => {
  if (model.source !== 'live' || !model.isFollowing || document.hidden) return
  const { at } = model
  chart.tick(at)
  status.tick(at)
  timeline.show()
  lanes.show(model)
}, 100)
setInterval(draw, 1000)
draw()

import type { LogList } from './log-list.ts'
import type { Timeline } from './timeline.ts'

/** Keys that work wherever the focus is, except where one types or moves a slider. */
export function bindKeys({
  timeline,
  log,
  follow,
}: {
  timeline: Timeline
  log: LogList
  follow: () => void
}): void {
  const acts: Readonly<Record<string, () => void>> = {
    ' ': () => timeline.toggle(),
    ',': () => timeline.step(-1),
    '.': () => timeline.step(1),
    l: follow,
    '/': () => log.focusSearch(),
  }
  document.addEventListener('keydown', (event) => {
    const { target } = event
    if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return
    if (target.closest('input, select, textarea, button') !== null) return
    const act = acts[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  })
}

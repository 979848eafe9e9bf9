/** The looks of a printed chart. The page has the same colours under the same names, and more states to show. */
export const CHART_STYLE = `
:root { color-scheme: light dark }
.chart { --ground: #ffffff; --box: #f7f8fa; --inner: #ffffff; --line: #c9ced6; --ink: #1d232b; --soft: #5d6672; --guard: #7a4d00; --wire: #8b95a3 }
@media (prefers-color-scheme: dark) {
  .chart { --ground: #14181d; --box: #1b2027; --inner: #20262e; --line: #3a434f; --ink: #e8ebef; --soft: #9aa4b1; --guard: #e0b36a; --wire: #6d7886 }
}
.ground { fill: var(--ground) }
.state > .frame, .state > .inner { fill: var(--box); stroke: var(--line); stroke-width: 1.2 }
.state.depth-2 > .frame, .state.depth-3 > .frame { fill: var(--inner) }
.state.region > .frame { stroke-dasharray: 5 4; fill: var(--inner) }
.state.depth-3 > .frame { fill: var(--box) }
.rule { stroke: var(--line); stroke-width: 1; fill: none }
.title { font: 600 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: var(--ink) }
.line { font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: var(--ink) }
.line.guard { fill: var(--guard) }
.line.quiet { fill: var(--soft) }
.plate { fill: none }
.wire { fill: none; stroke: var(--wire); stroke-width: 1.4 }
.head { fill: var(--wire); stroke: none }
.initial { fill: var(--ink) }
.mark { fill: var(--ground); stroke: var(--wire); stroke-width: 1.6 }
`

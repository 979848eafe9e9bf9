// Node 20.19 and later load ES modules with require().
const entries = ['', '/machines', '/protocol', '/recording', '/testing', '/model-testing', '/visualize']
for (const entry of entries.map((path) => `holdline${path}`)) {
  if (Object.keys(require(entry)).length === 0) throw new Error(`${entry} exports nothing`)
}

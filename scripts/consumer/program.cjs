// Node 20.19 and later load ES modules with require().
for (const entry of ['holdline', 'holdline/machines', 'holdline/testing']) {
  if (Object.keys(require(entry)).length === 0) throw new Error(`${entry} exports nothing`)
}

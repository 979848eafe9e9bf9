/** What Node calls the resources that a test must not leave, and what they are. */
const KINDS: Readonly<Record<string, string>> = {
  TCPSocketWrap: 'TCP socket',
  TCPServerWrap: 'TCP server',
  TLSWrap: 'TLS socket',
  PipeWrap: 'pipe',
  PipeServerWrap: 'pipe server',
  ProcessWrap: 'child process',
  Timeout: 'timer',
}

/** Kinds of which there are more than before, one entry for each. Takes `process.getActiveResourcesInfo()`. */
export function leftBehind(before: readonly string[], now: readonly string[]): string[] {
  const known = [...before]
  return now.filter((kind) => {
    if (!(kind in KINDS)) return false
    const at = known.indexOf(kind)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

export function sayWhatIsLeft(left: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const kind of left) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const list = [...counts].map(([kind, count]) => `${count} x ${KINDS[kind] ?? kind} (${kind})`)
  return `This test file leaves behind: ${list.join(', ')}. Close them in the test, or with onTestFinished.`
}

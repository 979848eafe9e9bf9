/** What the connection says itself, beside `connection.…` and the server's events. */
export const OWN_EVENT_TYPES = Object.freeze([
  'frame.rejected',
  'send.refused',
  'turn.lost',
  'upgrade.accepted',
  'upgrade.refused',
] as const)

const OWN: ReadonlySet<string> = new Set(OWN_EVENT_TYPES)

/**
 * True for the name of an event of the connection's own, and for XState's wildcard. A server must not speak under
 * one of them, and what comes under another name is the server's.
 */
export function isOwnEventType(type: string): boolean {
  return OWN.has(type) || type.startsWith('connection.') || type === '*'
}

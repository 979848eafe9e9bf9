import type { ConnectionEmitted } from '../../machines/index.ts'
import type { ServerEvent } from '../protocol/index.ts'

/**
 * What the connection says itself, beside the server's events. The socket actor emits no server event under
 * one of these names, so a server cannot speak for the connection.
 */
const OWN_TYPES: ReadonlySet<string> = new Set([
  'connection.opened',
  'connection.lost',
  'connection.ripe',
  'connection.closing',
  'connection.closed',
  'send.refused',
  'turn.lost',
  'upgrade.refused',
  'frame.rejected',
] satisfies ConnectionEmitted['type'][])

/** True for an event that came from the server, of known type or not. */
export function isServerEvent(event: ConnectionEmitted): event is ServerEvent {
  return !OWN_TYPES.has(event.type)
}

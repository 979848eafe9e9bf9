import type { ConnectionEmitted } from '../../machines/index.ts'
import type { ServerEvent } from '../protocol/index.ts'
import { isOwnEventType } from '../protocol/own-events.ts'

/** True for an event that came from the server, of known type or not: none comes under a name of the connection's own. */
export function isServerEvent(event: ConnectionEmitted): event is ServerEvent {
  return !isOwnEventType(event.type)
}

import type { ConnectionEmitted } from '../../../machines/index.ts'

/** What an emitted event says in the words of a view, or null for one that views leave out. */
export function toldOf(event: ConnectionEmitted): string | null {
  switch (event.type) {
    case 'connection.opened':
      return 'opened'
    case 'connection.lost': {
      const retry: unknown = Reflect.get(event, 'retry')
      return retry === null ? 'lost' : 'lost, tried again'
    }
    case 'connection.ripe':
      return 'ripe'
    case 'connection.closing':
      return 'closing'
    case 'connection.closed':
      return `closed: ${Reflect.get(event, 'because')}`
    case 'send.refused':
      return 'send refused'
    default:
      return null
  }
}

import type { ResponsesConnection } from '../../../src/client/connection.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import { LaneKeeper } from './lane-keeper.ts'

/** So many conversations that they have all lanes of a connection, and of the one that it moves to. */
export class LaneCrowd {
  readonly #connection: ResponsesConnection
  readonly #keepers: readonly LaneKeeper[]

  /** @param lanes turns that run at once on a connection */
  constructor(connection: ResponsesConnection, server: ResponsesServer, lanes: number) {
    this.#connection = connection
    this.#keepers = Array.from(
      { length: 2 * lanes },
      (_, index) => new LaneKeeper(connection, server, `keeper-${index}`),
    )
  }

  /** Those who have none ask for a lane, behind those who ask already. */
  queue(): void {
    for (const keeper of this.#keepers) keeper.queue()
  }

  /** Whoever else waits is the next. */
  standAside(): void {
    for (const keeper of this.#keepers) keeper.standAside()
  }

  /** One lane becomes free. */
  letOneGo(): void {
    this.#keepers.find(({ keeps }) => keeps !== null)?.letGo()
  }

  /** Nothing is kept of a connection that the line has left. */
  leaveOthers(): void {
    const { id } = this.#connection.actor
    for (const keeper of this.#keepers) {
      if (keeper.keeps !== null && !keeper.keeps.startsWith(`${id}.`)) keeper.letGo()
    }
  }
}

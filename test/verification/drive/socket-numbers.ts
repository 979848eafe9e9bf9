/** Numbers sockets from 1 on, in the order in which anyone asked for them. What is on no socket is on number 0. */
export class SocketNumbers {
  readonly #keys: string[] = ['']

  numberOf(connectionKey: string): number {
    if (!this.#keys.includes(connectionKey)) this.#keys.push(connectionKey)
    return this.#keys.indexOf(connectionKey)
  }

  /** A lane of a socket, as in `1/default`. */
  laneName({
    connectionKey,
    lane,
  }: {
    readonly connectionKey: string
    readonly lane: string | null
  }): string {
    return `${this.numberOf(connectionKey)}/${lane ?? 'default'}`
  }
}

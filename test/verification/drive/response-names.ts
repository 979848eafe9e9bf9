/** Names the responses of a turn: each when it is created, or by its end where nothing else named it. */
export class ResponseNames {
  #count = 0
  #isNamed = false

  /** The name that an event carries. */
  nameIn(step: { readonly do: string }): string {
    if (step.do === 'created' || (step.do === 'ended' && !this.#isNamed)) this.#count += 1
    if (step.do === 'created') this.#isNamed = true
    if (step.do === 'ended') this.#isNamed = false
    return `resp_${this.#count}`
  }
}

import type { AnyEventObject } from 'xstate'
import { laneName } from './conversation-words.ts'

/** What one conversation tells its line, and whether it waits for a lane. */
export class LineEar {
  readonly told: string[] = []
  readonly complaints: string[] = []
  readonly #wanted: string | null
  #waiting = false

  /** @param wanted the lane that must be asked for, or null */
  constructor(wanted: string | null) {
    this.#wanted = wanted
  }

  hear(event: AnyEventObject): void {
    switch (event.type) {
      case 'lane.request':
        if (this.#waiting) this.complaints.push('a lane is asked for twice')
        if (event['wanted'] !== this.#wanted)
          this.complaints.push('not the lane that it would like is asked for')
        this.#waiting = true
        this.told.push('request')
        return
      case 'lane.withdraw':
        // Taking back what nobody waits for does nothing.
        if (this.#waiting) this.told.push('withdraw')
        this.#waiting = false
        return
      case 'lane.release':
        this.told.push(`release ${laneName(event as never)}${event['tail'] === true ? ' with tail' : ''}`)
        return
      case 'lane.exhausted':
        this.told.push(`exhausted ${laneName(event as never)}`)
        return
      case 'lane.unusable':
        this.told.push(`unusable ${laneName(event as never)}`)
        return
      case 'line.renew':
        this.told.push(`renew ${String(event['connectionKey']).split('.').at(-1)}`)
        return
      default:
        this.complaints.push(`the line is told ${event.type}`)
    }
  }

  grant(): void {
    this.#waiting = false
  }

  /** Whether anybody waited. */
  refuse(): boolean {
    const waited = this.#waiting
    this.#waiting = false
    return waited
  }
}

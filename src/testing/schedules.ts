import type { AnyActorRef, AnyEventObject } from 'xstate'

/** What a delayed event says about itself. */
export interface ScheduleLabel {
  readonly actor: string | null
  readonly event: string | null
  readonly state: string | null
}

/** As XState keeps it in `system.getSnapshot()`. */
interface ScheduledEvent {
  readonly source: AnyActorRef
  readonly event: AnyEventObject
  readonly delay: number
}

type System = AnyActorRef['system']

const UNKNOWN: ScheduleLabel = { actor: null, event: null, state: null }
/** `xstate.after.DELAY.STATE`: a delay's name holds no dot, a number of ms may. */
const AFTER = /^xstate\.after\.(?:\d+(?:\.\d+)?|[^.]*)\.(.+)$/

/** Tells which delayed event of some actor systems a timer belongs to. XState hands clocks a bare function. */
export class Schedules {
  readonly #systems = new Set<System>()
  readonly #seen = new WeakSet<object>()

  watch(system: System): void {
    this.#systems.add(system)
    for (const scheduled of eventsOf(system)) this.#seen.add(scheduled)
  }

  /** The delayed event of `ms` that was scheduled since the last call. XState notes it before it asks its clock. */
  newest(ms: number): ScheduleLabel {
    for (const system of this.#systems) {
      for (const scheduled of eventsOf(system)) {
        if (this.#seen.has(scheduled) || (scheduled.delay > 0 ? scheduled.delay : 0) !== ms) continue
        this.#seen.add(scheduled)
        const { type } = scheduled.event
        return { actor: actorPath(scheduled.source), event: type, state: AFTER.exec(type)?.[1] ?? null }
      }
    }
    return UNKNOWN
  }
}

/** The ids of an actor and its parents, from the root down, as in `app/connection/socket`. */
export function actorPath(actor: AnyActorRef): string {
  const parent = actor._parent
  return parent === undefined ? actor.id : `${actorPath(parent)}/${actor.id}`
}

function eventsOf(system: System): ScheduledEvent[] {
  // oxlint-disable-next-line no-underscore-dangle -- XState types it, and has no other name for it
  return Object.values(system.getSnapshot()._scheduledEvents)
}

import { type AnyActorRef, createEmptyActor } from 'xstate'
import { Secret } from '../protocol/secret.ts'
import { REDACTED } from './format.ts'

/** What stands for whatever a recording does not show. */
export interface StandIns {
  /** For texts that are not shown; those that are equal in the recording are equal again. */
  readonly text: string
  /** What the texts of these numbers are taken for. Default: none is anything that is shown. */
  readonly texts?: ReadonlyMap<unknown, string>
  readonly error: Error | null
  readonly function: (() => undefined) | null
  /** For objects of a class. */
  readonly object: object | null
  readonly actor: AnyActorRef | null
}

/** With these a recording is run. */
export const STAND_INS: StandIns = {
  text: 'not shown',
  error: null,
  function: null,
  object: null,
  actor: null,
}

/** Other ones: what comes out differently with these is not determined by what the recording holds. */
export const OTHER_STAND_INS: StandIns = {
  text: 'left out of it',
  error: new Error('not shown'),
  function: () => undefined,
  object: {},
  actor: createEmptyActor(),
}

/** A context or an event from a recording, fit for a chart: secrets are secrets again, though not the same ones. */
export function revive(value: unknown, standIns: StandIns = STAND_INS): unknown {
  if (value === REDACTED) return new Secret(standIns.text)
  if (Array.isArray(value)) return value.map((entry) => revive(entry, standIns))
  if (typeof value !== 'object' || value === null) return value
  if ('$text' in value) return 'same' in value ? namedText(value.same, standIns) : standIns.text
  if ('$actor' in value) return standIns.actor
  if ('$error' in value) return standIns.error
  if ('$function' in value) return standIns.function
  if ('$class' in value) return standIns.object
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field, standIns)]))
}

/** What stands for the text of this number. */
export function namedText(same: unknown, { text, texts }: StandIns = STAND_INS): string {
  return texts?.get(same) ?? `${text} ${String(same)}`
}

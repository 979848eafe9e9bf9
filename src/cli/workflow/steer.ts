import { type Steer, type Turn, isHoldlineError } from '../../index.ts'

/** Characters of an answer that are waited for, so that there is something to steer. */
const FIRST_WORDS = 24

/** Puts a message into a turn as soon as its first words have come. A turn without words is left alone. */
export async function steerWhenItSpeaks(
  turn: Turn,
  message: string,
  sent: (steer: Steer) => void,
): Promise<void> {
  let characters = 0
  try {
    for await (const event of turn) {
      if (event.type === 'response.output_text.delta') characters += event.delta.length
      if (characters >= FIRST_WORDS) return sent(turn.steer(message))
    }
  } catch (error) {
    // The turn has ended meanwhile, or its connection has.
    if (!isHoldlineError(error)) throw error
  }
}

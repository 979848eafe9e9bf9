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
  let isSteered = false
  try {
    // To the end: who leaves the loop cancels the turn.
    for await (const event of turn) {
      if (event.type === 'response.output_text.delta') characters += event.delta.length
      if (isSteered || characters < FIRST_WORDS) continue
      isSteered = true
      steer(turn, message, sent)
    }
  } catch (error) {
    // The turn has ended meanwhile, or its connection has: whoever runs the turn is told as well.
    if (!isHoldlineError(error)) throw error
  }
}

function steer(turn: Turn, message: string, sent: (steer: Steer) => void): void {
  try {
    sent(turn.steer(message))
  } catch (error) {
    // It is over, or on its way to be.
    if (!isHoldlineError(error)) throw error
  }
}

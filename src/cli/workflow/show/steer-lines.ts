import type { InputItem, Steer } from '../../../index.ts'
import type { Screen } from '../../screen/screen.ts'

/** Shows what is put into a turn, and what becomes of it. */
export function showSteer(screen: Screen, steer: Steer): void {
  const { cyan } = screen.paint
  screen.line(['steer', cyan], ['sent: ', cyan], textOf(steer.input))
  void showOutcome(screen, steer)
}

async function showOutcome(screen: Screen, steer: Steer): Promise<void> {
  const { cyan, dim } = screen.paint
  const { outcome, code } = await steer.result
  const why = outcome === 'committed' ? 'the successor begins, with the message in it' : code
  screen.line(['steer', cyan], [outcome, cyan], [why === null ? '' : `: ${why}`, dim])
}

function textOf(input: readonly InputItem[]): string {
  return input
    .map((item) => ('content' in item && typeof item.content === 'string' ? item.content : ''))
    .join(' ')
}

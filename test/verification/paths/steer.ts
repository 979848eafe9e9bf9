import { steerChart } from '../../../machines/index.ts'
import { SteerSubject } from '../drive/steer-subject.ts'
import { type SteerStep, isSteerOutside } from '../model/steer-model.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'

const STEPS: readonly SteerStep[] = [
  { do: 'accepted' },
  { do: 'pending' },
  { do: 'committed' },
  { do: 'failed', code: 'response_not_found', unnamed: true },
  { do: 'failed', code: 'response_completed' },
  { do: 'cut' },
]

/** The steer chart as a subject of generated paths. */
export const steerPaths: PathSubject<SteerStep, object> = {
  machine: steerChart,
  profiles: { 'every steer': {} },
  extras: [
    {
      goal: 'a steer that is refused at once has an id, if it was given one',
      options: {},
      steps: [{ do: 'failed', code: 'response_completed' }],
    },
    {
      goal: 'the successor of a response does not commit a steer that the server has not taken',
      options: {},
      steps: [{ do: 'committed' }, { do: 'accepted' }, { do: 'accepted' }, { do: 'committed' }],
    },
  ],
  explore: () => ({
    machine: steerChart,
    steps: STEPS,
    begin: (inspect) => {
      const subject = new SteerSubject(steerChart, inspect)
      return {
        take: (step) => subject.take(step),
        key: () => subject.key(),
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }),
  isOutside: isSteerOutside,
}

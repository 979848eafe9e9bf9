import { defineConfig, mergeConfig } from 'vitest/config'
import plain from './vitest.config.ts'

/** `npm run test:long`: what a plain run takes a sample of, in full. */
export default mergeConfig(
  { ...plain, test: { ...plain.test, include: [] } },
  defineConfig({
    test: {
      env: { HOLDLINE_LONG: '1' },
      include: [
        'test/verification/**/*.test.ts',
        'test/client/conversation/schedules*.test.ts',
        'test/client/request/same-context.test.ts',
        'test/fetch/**/*.test.ts',
        'test/oracle/**/*.test.ts',
        'test/fuzz/**/*.test.ts',
      ],
      testTimeout: 1_200_000,
      hookTimeout: 600_000,
      typecheck: { enabled: false },
      coverage: { enabled: false },
    },
  }),
)

import { defineConfig } from 'vitest/config'

// `npm run test:browser`: real Chromium on the real page. Not part of `npm test`, which needs no browser.
export default defineConfig({
  test: {
    include: ['test/visualize/browser/**/*.browser.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // A browser paints in real time, on a machine that does other things as well: once more before it counts.
    retry: 1,
  },
})

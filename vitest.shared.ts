import { defineConfig } from 'vitest/config'

/** One configuration for every package: sources are tested, workers load the built `dist`. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@amorsize/source'] } },
  resolve: { conditions: ['@amorsize/source'] },
  test: {
    include: ['test/**/*.test.ts'],
    // Not `threads`: a test that starts worker threads of its own must run in a real process.
    pool: 'forks',
    setupFiles: [new URL('vitest.setup.ts', import.meta.url).pathname],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'reports/tests.json' }]],
    typecheck: {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: './tsconfig.test.json',
    },
  },
})

import { defineConfig } from 'vitest/config'

const source = (path: string): string => new URL(`packages/${path}`, import.meta.url).pathname

/**
 * One configuration for every package: sources are tested, workers load the built `dist`. Sources
 * by alias and not by the `@amorsize/source` condition, which Node would pass on to the workers.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: '@amorsize/features/system', replacement: source('features/src/system/index.ts') },
      { find: /^@amorsize\/(\w+)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Not `threads`: a test that starts worker threads of its own must run in a real process.
    pool: 'forks',
    setupFiles: [new URL('vitest.setup.ts', import.meta.url).pathname],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'reports/tests.json' }]],
    typecheck: {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: './tsconfig.test.json',
    },
  },
})

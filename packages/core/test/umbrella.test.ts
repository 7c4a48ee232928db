import * as cache from '@amorsize/cache'
import * as features from '@amorsize/features'
import * as system from '@amorsize/features/system'
import * as knn from '@amorsize/knn'
import * as sampler from '@amorsize/sampler'
import { expect, it } from 'vitest'

import * as core from '../src/index.ts'

/** What the umbrella leaves out, and why. A new export has to go into one of the two lists. */
const NOT_RE_EXPORTED: Record<string, string> = {
  abortable: 'for executors',
  CHUNKS_IN_FLIGHT_PER_WORKER: 'for executors',
  PartialResults: 'for executors',
  prepareTask: 'for executors',
  runItem: 'for executors',
  sampleItems: 'for core itself',
  toItems: 'for core itself',
  systemClock: 'for tests of sampler',
}

it('every value that a package offers is offered by the umbrella too, or has a reason not to be', () => {
  const missing = Object.entries({ ...features, ...system, ...knn, ...cache, ...sampler })
    .filter(([name]) => !(name in core) && !(name in NOT_RE_EXPORTED))
    .map(([name]) => name)

  expect(missing).toEqual([])
})

it('every error class has a code of its own that begins with AMORSIZE_ and its package', () => {
  const packages = {
    features,
    knn,
    cache,
    sampler,
    core: { UnknownOptionError: core.UnknownOptionError },
  }
  const codes = Object.entries(packages).flatMap(([name, exports]) =>
    Object.values(exports as Record<string, unknown>)
      .filter((value) => typeof value === 'function' && /Error$/.test(value.name))
      .filter(
        (value) => !['AmorsizeError', 'KnnError', 'CacheError'].includes((value as Function).name),
      )
      .map((value) => ({
        name,
        error: new (value as new (...args: unknown[]) => Error)('a', ['b'], 'c', 'd'),
      })),
  )

  for (const { name, error } of codes) {
    expect(error).toBeInstanceOf(features.AmorsizeError)
    expect(error).toHaveProperty(
      'code',
      expect.stringMatching(new RegExp(`^AMORSIZE_${name.toUpperCase()}_`)),
    )
  }
  expect(new Set(codes.map(({ error }) => Reflect.get(error, 'code'))).size).toBe(codes.length)
})

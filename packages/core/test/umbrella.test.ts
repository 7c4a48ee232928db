import { readFileSync } from 'node:fs'

import * as cache from '@amorsize/cache'
import * as features from '@amorsize/features'
import * as system from '@amorsize/features/system'
import * as knn from '@amorsize/knn'
import * as sampler from '@amorsize/sampler'
import { expect, it } from 'vitest'

import * as ownErrors from '../src/errors.ts'
import * as core from '../src/index.ts'

/** What the umbrella leaves out, and why. A new export has to go into one of the two lists. */
const NOT_RE_EXPORTED: Record<string, string> = {
  CacheError: 'the base of others, recognised by AmorsizeError',
  KnnError: 'the base of others, recognised by AmorsizeError',
  median: 'statistics are a means, not an offer',
  quantile: 'statistics are a means, not an offer',
  RunningStatistics: 'statistics are a means, not an offer',
  cpuSnapshot: 'part of the measurement in the dry run',
  foreignCpuShare: 'part of the measurement in the dry run',
  takenCoreShare: 'part of the measurement in the dry run',
  throttledMs: 'part of following the load of the machine',
  localHost: 'for tests of detectSystem',
  abortable: 'for executors',
  iteratorOf: 'for core itself',
  isThenable: 'for executors',
  CHUNKS_IN_FLIGHT_PER_WORKER: 'for executors',
  PartialResults: 'for executors',
  prepareTask: 'for executors',
  runItem: 'for executors',
  runItems: 'for executors',
  measureCloneCosts: 'for core itself',
  watchWaiting: 'for executors',
  sampleItems: 'for core itself',
  toItems: 'for core itself',
  assertWhole: 'for executors',
  assertData: 'for core itself',
  systemClock: 'for tests of sampler',
}

it('every value that a package offers is offered by the umbrella too, or has a reason not to be', () => {
  const missing = Object.entries({ ...features, ...system, ...knn, ...cache, ...sampler })
    .filter(([name]) => !(name in core) && !(name in NOT_RE_EXPORTED))
    .map(([name]) => name)

  expect(missing).toEqual([])
})

it.each(['cache', 'core', 'features', 'knn', 'sampler'])(
  'every class of the built %s has the name that it is exported by',
  async (name) => {
    const built: unknown = await import(
      new URL(`../../${name}/dist/index.js`, import.meta.url).href
    )
    const classes = Object.entries(built as object).filter(
      ([, value]) => typeof value === 'function' && /^class\b/.test(String(value)),
    )

    expect(classes.length).toBeGreaterThan(1)
    for (const [exported, value] of classes) expect(value).toHaveProperty('name', exported)
  },
)

it('every error class has a code of its own that begins with its package and is documented', () => {
  const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const packages: Record<string, object> = { features, knn, cache, sampler, core: ownErrors }
  const codes = Object.entries(packages).flatMap(([name, exported]) =>
    errorClassesOf(exported).map((ErrorClass) => {
      const error = new ErrorClass('first', ['second'], 'third', 'fourth')
      const code = String(Reflect.get(error, 'code'))
      expect(error).toBeInstanceOf(features.AmorsizeError)
      expect(error.name).toBe(ErrorClass.name)
      expect(code.startsWith(`AMORSIZE_${name.toUpperCase()}_`)).toBe(true)
      expect(documented).toContain(`\`${code}\``)
      return code
    }),
  )

  expect(codes.length).toBeGreaterThan(15)
  expect(new Set(codes).size).toBe(codes.length)
})

type ErrorClass = new (...args: unknown[]) => Error

/** Without the bases, which are never thrown. */
function errorClassesOf(exported: object): ErrorClass[] {
  return Object.values(exported).filter(
    (value): value is ErrorClass =>
      typeof value === 'function' &&
      value.prototype instanceof Error &&
      !['AmorsizeError', 'KnnError', 'CacheError'].includes(value.name),
  )
}

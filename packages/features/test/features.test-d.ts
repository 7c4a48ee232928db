import { AmorsizeError, FEATURE_NAMES, InvalidFeatureError, toVector } from '@amorsize/features'
import type { FeatureName, StartMethod, WorkloadFeatures } from '@amorsize/features'
import { describeFunction, detectSystem, foreignCpuShare } from '@amorsize/features/system'
import { expectTypeOf, test } from 'vitest'

test('the optional features may be left out or undefined, the others not', () => {
  const required = {
    dataSize: 1,
    itemTimeMs: 1,
    physicalCores: 1,
    availableMemoryBytes: 1,
    startMethod: 'fork' as const,
  }

  expectTypeOf(required).toExtend<WorkloadFeatures>()
  expectTypeOf({ ...required, serializedBytes: undefined }).toExtend<WorkloadFeatures>()
  expectTypeOf(toVector(required)).toEqualTypeOf<Float64Array>()
  // @ts-expect-error: the number of items is needed
  toVector({ ...required, dataSize: undefined })
})

test('start methods and names are closed sets', () => {
  expectTypeOf<StartMethod>().toEqualTypeOf<
    'worker_threads' | 'child_process' | 'fork' | 'forkserver' | 'spawn'
  >()
  expectTypeOf(FEATURE_NAMES).toEqualTypeOf<readonly FeatureName[]>()
})

test('an error is narrowed by its class and has a literal code', () => {
  const error: unknown = undefined
  if (error instanceof InvalidFeatureError) {
    expectTypeOf(error.code).toEqualTypeOf<'AMORSIZE_FEATURES_INVALID_FEATURE'>()
    expectTypeOf(error.feature).toEqualTypeOf<keyof WorkloadFeatures>()
  } else if (error instanceof AmorsizeError) {
    expectTypeOf(error.code).toEqualTypeOf<`AMORSIZE_${string}`>()
    expectTypeOf(error.value).toBeUnknown()
  }
})

test('functions, classes and sources are described, nothing else', () => {
  describeFunction((a: string, b: number) => a.repeat(b))
  describeFunction(Map)
  describeFunction('x => x')
  // @ts-expect-error: a number is no function
  describeFunction(42)
})

test('what may be unknown says so', () => {
  const { usableCores, cpuQuota } = detectSystem()

  expectTypeOf(usableCores).toBeNumber()
  expectTypeOf(cpuQuota).toEqualTypeOf<number | undefined>()
  expectTypeOf(foreignCpuShare).returns.toEqualTypeOf<number | undefined>()
})

/** Items too small to be worth anyone's overhead. */
import { integerBetween } from '../harness/random.ts'
import type { Random } from '../harness/random.ts'
import * as functions from './functions/tiny.ts'
import { makeText } from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('tiny', 'as source')

const makePlace = (random: Random): [number, number] => [random() * 90, random() * 180]

/** From 20 nanoseconds to a microsecond. */
export const TINY: readonly Workload[] = [
  workload(functions.double, {
    name: 'doubling',
    family: 'tiny',
    itemCount: 20_000,
    makeItem: (_, index) => index,
  }),
  workload(functions.mixBits, {
    name: 'mixing bits',
    family: 'tiny',
    itemCount: 300_000,
    makeItem: (random) => integerBetween(0, 2 ** 31 - 1, random),
  }),
  workload(functions.rootSum, {
    name: 'sums of 50 roots',
    family: 'tiny',
    itemCount: 50_000,
    makeItem: (_, index) => index,
  }),
  workload(functions.titleCase, {
    name: 'names in capitals',
    family: 'tiny',
    itemCount: 20_000,
    makeItem: (random) => makeText(18, random),
  }),
  workload(functions.greatCircle, {
    name: 'distances on the earth',
    family: 'tiny',
    itemCount: 30_000,
    makeItem: (random) => ({ from: makePlace(random), to: makePlace(random) }),
  }),
]

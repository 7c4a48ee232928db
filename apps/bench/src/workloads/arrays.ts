/** Much to send, or much to send back. */
import { integerBetween } from '../harness/random.ts'
import * as functions from './functions/arrays.ts'
import { makeBytes, makeNumbers } from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('arrays', 'as source')

/** Images, sums, entropies, sorting. */
export const ARRAYS: readonly Workload[] = [
  workload(functions.blur, {
    name: 'blur of 96 x 96',
    family: 'big inputs',
    itemCount: 150,
    makeItem: (random) => makeNumbers(96 * 96, random),
  }),
  workload(functions.sum, {
    name: 'sum of 1 MB of numbers',
    family: 'big inputs',
    itemCount: 40,
    makeItem: (random) => makeNumbers(131_072, random),
  }),
  workload(functions.entropy, {
    name: 'entropy of 128 KB',
    family: 'big inputs',
    itemCount: 40,
    makeItem: (random) => makeBytes(131_072, 200, random),
  }),
  workload(functions.sortNumbers, {
    name: 'sort of 2000 numbers',
    family: 'big results',
    itemCount: 300,
    makeItem: (random) => [...makeNumbers(2000, random)],
  }),
  workload(functions.squaresBelow, {
    name: 'lists of 5000 squares',
    family: 'big results',
    itemCount: 300,
    makeItem: (random) => integerBetween(4900, 5100, random),
  }),
  workload(functions.interference, {
    name: 'pictures of 200 x 200',
    family: 'big results',
    itemCount: 100,
    makeItem: (_, index) => ({ seed: index, size: 200 }),
  }),
]

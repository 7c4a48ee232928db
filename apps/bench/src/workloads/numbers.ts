/** Computing: even, uneven, sorted and huge items. */
import { integerBetween } from '../harness/random.ts'
import type { Random } from '../harness/random.ts'
import * as functions from './functions/numbers.ts'
import { makeNumbers } from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('numbers', 'as source')
const ROWS = 256
const SIEVES = 160
const LARGEST_SEED = 1_000_000

const seedOf = (random: Random): number => integerBetween(1, LARGEST_SEED, random)

/** A share of 1 in 20 costs seventy times the rest. */
const bimodal = (random: Random): number => (random() < 0.05 ? 10 : 7)

/** Pareto's law with an exponent of 1.5: a mean of 3, and no bound. */
const heavyTailed = (random: Random): number => Math.min(1000, random() ** (-1 / 1.5))

/** Primes, fractals, matrices, bodies, chance, signals. */
export const NUMBERS: readonly Workload[] = [
  workload(functions.matrixTrace, {
    name: 'product of 64 x 64 matrices',
    family: 'numbers',
    itemCount: 90,
    makeItem: (random) => ({ seed: seedOf(random), size: 64 }),
  }),
  workload(functions.nBodyEnergy, {
    name: 'five bodies, 500 steps',
    family: 'numbers',
    itemCount: 400,
    makeItem: (random) => ({ seed: seedOf(random), steps: 500 }),
  }),
  workload(functions.monteCarloPi, {
    name: 'pi by 100,000 throws',
    family: 'numbers',
    itemCount: 200,
    makeItem: (random) => ({ seed: seedOf(random), throws: 100_000 }),
  }),
  workload(functions.strongestFrequency, {
    name: 'frequencies of 1024 samples',
    family: 'numbers',
    itemCount: 1000,
    makeItem: (random) => makeNumbers(1024, random),
  }),
  workload(functions.collatzSteps, {
    name: 'Collatz sequences',
    family: 'numbers',
    itemCount: 30_000,
    makeItem: (random) => seedOf(random),
  }),
  workload(functions.mandelbrotRow, {
    name: 'rows of the Mandelbrot set',
    family: 'uneven',
    itemCount: ROWS,
    makeItem: (_, index) => (index / ROWS) * 2.5 - 1.25,
  }),
  workload(functions.countQueens, {
    name: 'queens, one board in twenty large',
    family: 'uneven',
    itemCount: 3000,
    makeItem: bimodal,
  }),
  workload(functions.monteCarloPi, {
    name: 'pi by throws of a heavy tail',
    family: 'uneven',
    itemCount: 400,
    makeItem: (random) => ({
      seed: seedOf(random),
      throws: Math.round(20_000 * heavyTailed(random)),
    }),
  }),
  workload(functions.countPrimes, {
    name: 'primes below rising limits',
    family: 'sorted',
    itemCount: SIEVES,
    makeItem: (_, index) => 1000 + 1000 * index,
  }),
  workload(functions.countPrimes, {
    name: 'primes below falling limits',
    family: 'sorted',
    itemCount: SIEVES,
    makeItem: (_, index) => 1000 + 1000 * (SIEVES - index),
  }),
  workload(functions.countPrimes, {
    name: 'primes below 5 million',
    family: 'huge',
    itemCount: 6,
    makeItem: (_, index) => 5_000_000 + index,
  }),
  workload(functions.matrixTrace, {
    name: 'product of 224 x 224 matrices',
    family: 'huge',
    itemCount: 5,
    makeItem: (random) => ({ seed: seedOf(random), size: 224 }),
  }),
  workload(functions.countQueens, {
    name: 'queens, three boards',
    family: 'huge',
    itemCount: 3,
    makeItem: () => 13,
  }),
]

/** Maps and machines of all kinds, for decisions to be held against a simulation. */
import type { Costs } from '@amorsize/core'

import type { Random } from '../harness/random.ts'
import { integerBetween } from '../harness/random.ts'

/** A map on a machine. */
export interface RandomMap {
  /** What a perfect measurement would know of it. */
  readonly costs: Costs
  /** Time of each item, milliseconds. */
  readonly itemTimesMs: Float64Array
  /** Whether the order of the items is chance, so that another order is as likely. */
  readonly isShuffled: boolean
}

const CORES = [2, 4, 16, 64, 128]

/** From items that are over in microseconds to those that take a fifth of a second. */
const ITEM_TIMES_MS = [0.002, 200] as const
const ITEM_COUNTS = [4, 30_000] as const
/** Less is nothing to decide, more is decided as well by a part of it. */
const WORKS_MS = [5, 200_000] as const

const THREAD_DISPATCH = { dispatchMs: 0.05, mainDispatchMs: 0.022, mainStartUpMs: 1.3 }
const CHILD_DISPATCH = { dispatchMs: 0.125, mainDispatchMs: 0.055, mainStartUpMs: 4 }
const CHILD_SHARE = 0.2
const CLONES_MS = [0.0001, 0.5] as const
const START_UPS_MS = [45, 45, 150, 1500]
const WAIT_SHARES = [0, 0, 0, 0, 0.3, 0.9]
/** In all, for a machine with all its workers busy. */
const CONTENTIONS = [0, 0, 0.3, 2]

const SHAPES = [
  'even',
  'slightly uneven',
  'uneven',
  'very uneven',
  'growing',
  'shrinking',
  'spikes',
]
const SPREADS: Record<string, number> = {
  even: 0,
  'slightly uneven': 0.3,
  uneven: 1,
  'very uneven': 2,
}
const SPIKE_EVERY = 100
const SPIKE_HEIGHT = 50

/** The next map; the same for the same sequence of numbers. */
export function randomMap(random: Random): RandomMap {
  for (;;) {
    const itemCount = Math.round(logUniform(ITEM_COUNTS, random))
    const meanMs = logUniform(ITEM_TIMES_MS, random)
    const workMs = itemCount * meanMs
    if (workMs >= WORKS_MS[0] && workMs <= WORKS_MS[1]) return mapOf(itemCount, meanMs, random)
  }
}

function mapOf(itemCount: number, meanMs: number, random: Random): RandomMap {
  const cores = oneOf(CORES, random)
  const shape = oneOf(SHAPES, random)
  const itemTimesMs = timesOf(shape, itemCount, meanMs, random)
  const isTrend = shape === 'growing' || shape === 'shrinking'
  const costs: Costs = {
    itemCount,
    mainItemTimeMs: meanMs,
    workerItemTimeMs: meanMs,
    coefficientOfVariation: variationOf(itemTimesMs, meanMs),
    trend: isTrend ? (shape === 'growing' ? 1 : -1) : 0,
    waitShare: oneOf(WAIT_SHARES, random),
    usableCores: oneOf([cores, cores, cores, cores - 0.5], random),
    contention: oneOf(CONTENTIONS, random) / cores,
    dispatch: {
      ...(random() < CHILD_SHARE ? CHILD_DISPATCH : THREAD_DISPATCH),
      cloneMs: Math.min(logUniform(CLONES_MS, random), 2 * meanMs),
      startUpMs: oneOf(START_UPS_MS, random),
      warmWorkers: oneOf([0, 1, 1, cores, cores], random),
    },
  }
  return { costs, itemTimesMs, isShuffled: !isTrend }
}

function timesOf(shape: string, itemCount: number, meanMs: number, random: Random): Float64Array {
  const relative = Float64Array.from({ length: itemCount }, (_, index) => {
    if (shape === 'growing') return index + 1
    if (shape === 'shrinking') return itemCount - index
    if (shape === 'spikes') return integerBetween(1, SPIKE_EVERY, random) === 1 ? SPIKE_HEIGHT : 1
    return logNormal(SPREADS[shape]!, random)
  })
  const scale = (meanMs * itemCount) / relative.reduce((sum, value) => sum + value, 0)
  return relative.map((value) => value * scale)
}

function variationOf(timesMs: Float64Array, meanMs: number): number {
  const squares = timesMs.reduce((sum, timeMs) => sum + (timeMs - meanMs) ** 2, 0)
  return Math.sqrt(squares / timesMs.length) / meanMs
}

function logNormal(coefficientOfVariation: number, random: Random): number {
  const variance = Math.log(1 + coefficientOfVariation ** 2)
  return Math.exp(normalDeviate(random) * Math.sqrt(variance))
}

/** Of mean 0 and standard deviation 1. @see Box and Muller, Annals of Mathematical Statistics 29(2), 1958. */
export function normalDeviate(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
}

function logUniform([low, high]: readonly [number, number], random: Random): number {
  return low * (high / low) ** random()
}

function oneOf<T>(values: readonly T[], random: Random): T {
  // The place is within the values.
  return values[integerBetween(0, values.length - 1, random)]!
}

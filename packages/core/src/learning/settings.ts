/** What the model of past runs is made with: numbers chosen by `apps/bench`, suite `learning`. */
import { FEATURE_NAMES } from '@amorsize/features'

import { digestNumber, digestOf } from '../digest.ts'
import { assertOptions } from '../option-rules.ts'
import type { OptionRule } from '../option-rules.ts'

/**
 * Settings of the model of past runs. A history and settings give one answer, whenever it is asked.
 * @public
 */
export interface ModelSettings {
  /** Neighbours asked, an integer from 1 to 100. */
  readonly neighbors: number
  /** Weight of each dimension of the feature vector in the distance to other functions, above 0 in one. */
  readonly weights: readonly number[]
  /** Runs of a function after which an older one counts half, above 0. */
  readonly halfLifeRuns: number
  /** Difference in the cores of another machine at which its runs count 0.6, in factors of two. */
  readonly machineScale: number
  /** How many runs the average over all functions counts as beside those of the function, from 0. */
  readonly priorRuns: number
}

/** The settings that the benchmark chose. */
export const DEFAULT_SETTINGS: ModelSettings = {
  neighbors: 5,
  weights: [1, 1, 1, 1, 1, 1, 1, 1],
  halfLifeRuns: 2,
  machineScale: 1,
  priorRuns: 1,
}

/** Weights of mean 1, by which distances are as long as without any: 0..sqrt(8). */
export function meanOne(weights: readonly number[]): number[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return weights.map((weight) => weight / mean)
}

const MOST_NEIGHBORS = 100
const LARGEST = 1e6

const POSITIVE: OptionRule = {
  expected: 'a number above 0',
  accepts: (value) => isNumber(value) && value > 0,
}

const RULES: Record<keyof ModelSettings, OptionRule> = {
  neighbors: {
    expected: `an integer from 1 to ${MOST_NEIGHBORS}`,
    accepts: (value) =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_NEIGHBORS,
  },
  weights: {
    expected: `${FEATURE_NAMES.length} numbers from 0, one of them above 0`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length === FEATURE_NAMES.length &&
      value.every((weight) => isNumber(weight) && weight >= 0) &&
      value.some((weight) => weight > 0),
  },
  halfLifeRuns: POSITIVE,
  machineScale: POSITIVE,
  priorRuns: {
    expected: 'a number from 0',
    accepts: (value) => isNumber(value) && value >= 0,
  },
}

/**
 * The defaults, but for what is given.
 * @throws InvalidOptionError `AMORSIZE_SAMPLER_INVALID_OPTION`,
 * UnknownOptionError `AMORSIZE_CORE_UNKNOWN_OPTION`
 */
export function resolveSettings(settings: Partial<ModelSettings>): ModelSettings {
  assertOptions(settings, RULES)
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(given) }
}

/** Settings from a file; `undefined` for what are none. What another version has beside them is passed over. */
export function readSettings(value: unknown): ModelSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return resolveSettings(
      Object.fromEntries(Object.keys(RULES).map((name) => [name, Reflect.get(value, name)])),
    )
  } catch {
    return undefined
  }
}

/** Raised when the same settings come to predict otherwise: what they were worth before does not count. */
const MODEL_GENERATION = 2

/** What tells settings from others, whatever store they were saved in. */
export function digestSettings(settings: ModelSettings): number {
  const names = Object.keys(RULES) as (keyof ModelSettings)[]
  const told = names.map((name) => [name, settings[name]])
  return digestNumber(digestOf(JSON.stringify([MODEL_GENERATION, ...told])))
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST
}

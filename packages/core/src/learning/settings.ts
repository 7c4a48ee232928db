/** What the model of past runs is made with: numbers chosen by `apps/bench`, suite `learning`. */
import { InvalidOptionError } from '@amorsize/sampler'
import { FEATURE_NAMES } from '@amorsize/features'

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
  /** Difference in the number of items at which a run counts 0.6, in factors of ten, above 0. */
  readonly dataSizeScale: number
  /** Difference in the cores of another machine at which its runs count 0.6, in factors of two. */
  readonly machineScale: number
  /** How many runs the average over all functions counts as beside those of the function, from 0. */
  readonly priorRuns: number
}

/** The settings that the benchmark chose. */
export const DEFAULT_SETTINGS: ModelSettings = {
  neighbors: 5,
  weights: [1, 1, 1, 1, 1, 1, 1, 1],
  halfLifeRuns: 4,
  dataSizeScale: 1,
  machineScale: 1,
  priorRuns: 1,
}

const MOST_NEIGHBORS = 100
const LARGEST = 1e6

interface SettingRule {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const POSITIVE: SettingRule = {
  expected: 'a number above 0',
  accepts: (value) => isNumber(value) && value > 0,
}

const RULES: Record<keyof ModelSettings, SettingRule> = {
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
  dataSizeScale: POSITIVE,
  machineScale: POSITIVE,
  priorRuns: {
    expected: 'a number from 0',
    accepts: (value) => isNumber(value) && value >= 0,
  },
}

/**
 * The defaults, but for what is given.
 * @throws InvalidOptionError `AMORSIZE_SAMPLER_INVALID_OPTION`
 */
export function resolveSettings(settings: Partial<ModelSettings>): ModelSettings {
  const resolved = { ...DEFAULT_SETTINGS, ...settings }
  for (const [name, { expected, accepts }] of Object.entries(RULES)) {
    const value: unknown = Reflect.get(resolved, name)
    if (!accepts(value)) throw new InvalidOptionError(name, expected, value)
  }
  return resolved
}

/** Settings from a file; `undefined` for what are none. */
export function readSettings(value: unknown): ModelSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return resolveSettings(value)
  } catch {
    return undefined
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST
}

/** What options may be: rules as data, and the one check that reads them. */
import { InvalidOptionError, TaskPool } from '@amorsize/sampler'

import { UnknownOptionError } from './errors.ts'
import type { OptimizeOptions } from './options.ts'

/** What one option may be. */
export interface OptionRule {
  /** To be read after "Expected `name` to be". */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

/** On or off. */
export const BOOLEAN: OptionRule = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}
/** Something to call. */
export const FUNCTION: OptionRule = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
}

/** How many. */
export const WHOLE: OptionRule = {
  expected: 'an integer from 1',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
}

/** A quantity that may be nothing. */
export const NON_NEGATIVE: OptionRule = {
  expected: 'a number from 0',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < Infinity,
}

/** A quantity that there is. */
export const ABOVE_ZERO: OptionRule = {
  expected: 'a number above 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value < Infinity,
}

/** A part of the whole. */
export const SHARE: OptionRule = {
  expected: 'a number from 0 to 1',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
}

/** Node refuses to start more threads long before this; a larger number is a slip. */
const MOST_WORKERS = 1024

/** The options of every call. */
export const OPTION_RULES: Record<keyof OptimizeOptions, OptionRule> = {
  useCache: BOOLEAN,
  useMlPrediction: BOOLEAN,
  mlConfidenceThreshold: SHARE,
  predictor: {
    expected: "'model' or 'average'",
    accepts: (value) => value === 'model' || value === 'average',
  },
  adjustForSystemLoad: BOOLEAN,
  verbose: BOOLEAN,
  maxWorkers: {
    expected: `an integer from 1 to ${MOST_WORKERS}`,
    accepts: (value) =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_WORKERS,
  },
  maxInFlight: WHOLE,
  runtime: {
    expected: "'worker_threads' or 'child_process'",
    accepts: (value) => value === 'worker_threads' || value === 'child_process',
  },
  sampleBudgetMs: {
    expected: 'a number of milliseconds from 0',
    accepts: (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  },
  allowMainThread: BOOLEAN,
  context: { expected: 'any value', accepts: () => true },
  store: {
    expected: 'a store, from openStore() or createMemoryStore()',
    accepts: (value) =>
      hasMethods(value, [
        'getDecision',
        'putDecision',
        'addSample',
        'loadSamples',
        'loadNewSamples',
      ]),
  },
  pool: { expected: 'a TaskPool', accepts: (value) => value instanceof TaskPool },
  signal: {
    expected: 'an AbortSignal',
    accepts: (value) => value instanceof AbortSignal,
  },
  log: FUNCTION,
}

/**
 * Checks options by their rules.
 *
 * @param required - Options that must be given.
 * @param called - What the caller knows the whole of them as.
 * @throws {@link InvalidOptionError}, {@link UnknownOptionError}
 */
export function assertOptions(
  options: unknown,
  rules: Record<string, OptionRule>,
  required: readonly string[] = [],
  called: string = 'options',
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(called, 'an object', options)
  }
  for (const name of required) {
    if (Reflect.get(options, name) !== undefined) continue
    // The rule of every required option is there.
    throw new InvalidOptionError(name, rules[name]!.expected, undefined)
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (!rule) throw new UnknownOptionError(name, Object.keys(rules))
    if (value !== undefined && !rule.accepts(value)) {
      throw new InvalidOptionError(name, rule.expected, value)
    }
  }
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}

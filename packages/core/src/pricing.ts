/**
 * The cost model for callers: what they give is checked first. A decision, which prices hundreds of plans
 * with costs of its own, goes without.
 */
import { InvalidArgumentError } from '@amorsize/features'

import * as model from './cost-model.ts'
import type { Costs, DispatchCosts, MemoryCosts } from './cost-model.ts'
import {
  ABOVE_ZERO,
  assertOptions,
  BOOLEAN,
  NON_NEGATIVE,
  OPTION_RULES,
  SHARE,
  WHOLE,
} from './option-rules.ts'
import type { OptionRule } from './option-rules.ts'
import * as search from './search.ts'
import type { SearchLimits, SearchResult } from './search.ts'

const COUNT: OptionRule = {
  expected: 'an integer from 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}

const DISPATCH_RULES: Record<keyof DispatchCosts, OptionRule> = {
  dispatchMs: NON_NEGATIVE,
  mainDispatchMs: NON_NEGATIVE,
  cloneMs: NON_NEGATIVE,
  workerCloneMs: NON_NEGATIVE,
  startUpMs: NON_NEGATIVE,
  warmWorkers: COUNT,
  mainStartUpMs: NON_NEGATIVE,
}

const MEMORY_RULES: Record<keyof MemoryCosts, OptionRule> = {
  availableBytes: NON_NEGATIVE,
  workerBytes: NON_NEGATIVE,
  inputBytes: NON_NEGATIVE,
  resultBytes: NON_NEGATIVE,
}

const COST_RULES: Record<keyof Costs, OptionRule> = {
  itemCount: COUNT,
  mainItemTimeMs: NON_NEGATIVE,
  workerItemTimeMs: NON_NEGATIVE,
  coefficientOfVariation: NON_NEGATIVE,
  waitShare: SHARE,
  dispatch: { expected: 'what talking to workers costs', accepts: isObject },
  usableCores: ABOVE_ZERO,
  contention: NON_NEGATIVE,
  trend: {
    expected: 'a number from -1 to 1',
    accepts: (value) => typeof value === 'number' && Math.abs(value) <= 1,
  },
  timedByRuns: { expected: 'a list of kinds of thread', accepts: Array.isArray },
  isWeighed: BOOLEAN,
  memory: { expected: 'what memory there is and what a plan takes of it', accepts: isObject },
}

const LIMIT_RULES: Record<keyof SearchLimits, OptionRule> = {
  maxWorkers: COUNT,
  mayOversubscribe: BOOLEAN,
  maxInFlight: WHOLE,
  disturbedShare: NON_NEGATIVE,
  runtime: OPTION_RULES.runtime,
}

const REQUIRED_COSTS: readonly (keyof Costs)[] = [
  'itemCount',
  'workerItemTimeMs',
  'coefficientOfVariation',
  'waitShare',
  'usableCores',
  'contention',
]
const REQUIRED_DISPATCH: readonly (keyof DispatchCosts)[] = [
  'dispatchMs',
  'mainDispatchMs',
  'cloneMs',
  'startUpMs',
  'warmWorkers',
]

/**
 * Chooses the plan of the least predicted makespan; the plain loop where that is nearly as good.
 *
 * @remarks
 * Pure: the same costs give the same plan. `optimize()` measures the costs and asks this.
 * @param costs - What is known of the map and the machine.
 * @param limits - Most workers, and how they run.
 * @returns The choice and what it was held against.
 * @throws `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` for costs or limits that cannot be.
 * @public
 */
export function choosePlan(costs: Costs, limits: SearchLimits): SearchResult {
  assertCosts(costs)
  assertOptions(limits, LIMIT_RULES, ['maxWorkers', 'runtime'], 'limits')
  return search.choosePlan(costs, limits)
}

/**
 * Time of a plain loop over the items.
 *
 * @param costs - What is known of the map.
 * @returns Milliseconds; infinite where the loop is not allowed.
 * @throws `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` for costs that cannot be.
 * @public
 */
export function serialMakespanMs(costs: Costs): number {
  assertCosts(costs)
  return model.serialMakespanMs(costs)
}

/**
 * Time with several asynchronous items at once in one thread: waits overlap, computing does not.
 *
 * @param costs - What is known of the map.
 * @param inFlight - Items at once, an integer from 1.
 * @returns Milliseconds; infinite where the calling thread may not be used.
 * @throws `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` for costs that cannot be,
 * `InvalidArgumentError` `AMORSIZE_FEATURES_INVALID_ARGUMENT` for other numbers.
 * @public
 */
export function asyncMakespanMs(costs: Costs, inFlight: number): number {
  assertCosts(costs)
  assertArgument('inFlight', WHOLE, inFlight)
  return model.asyncMakespanMs(costs, inFlight)
}

/**
 * Time of a map on workers: the latest of the busiest worker, the calling thread and the cores. Pure,
 * so that it tells as well what a map would take on another machine.
 *
 * @param costs - What is known of the map and the machine.
 * @param workers - Number of workers, an integer from 1.
 * @param chunkSize - Items per chunk, an integer from 1.
 * @param disturbedShare - Share of a chunk by which other processes make the last worker late. Defaults
 * to 0.05; 0 for a machine that nothing disturbs.
 * @returns Milliseconds; infinite where `costs.dispatch` is not known.
 * @throws `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` for costs that cannot be,
 * `InvalidArgumentError` `AMORSIZE_FEATURES_INVALID_ARGUMENT` for other numbers.
 * @public
 */
export function poolMakespanMs(
  costs: Costs,
  workers: number,
  chunkSize: number,
  disturbedShare?: number,
): number {
  assertCosts(costs)
  assertArgument('workers', WHOLE, workers)
  assertArgument('chunkSize', WHOLE, chunkSize)
  if (disturbedShare !== undefined) assertArgument('disturbedShare', NON_NEGATIVE, disturbedShare)
  return model.poolMakespanMs(costs, workers, chunkSize, disturbedShare)
}

function assertCosts(costs: Costs): void {
  assertOptions(costs, COST_RULES, REQUIRED_COSTS, 'costs')
  const { dispatch, memory } = costs
  if (dispatch) assertOptions(dispatch, DISPATCH_RULES, REQUIRED_DISPATCH)
  if (memory) assertOptions(memory, MEMORY_RULES, Object.keys(MEMORY_RULES))
}

function assertArgument(name: string, { expected, accepts }: OptionRule, value: unknown): void {
  if (!accepts(value)) throw new InvalidArgumentError(name, expected, value, `Give ${expected}.`)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

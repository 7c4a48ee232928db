/** What the model of past runs is made with: numbers chosen by `apps/bench`, suite `learning`. */

/**
 * Settings of the model of past runs. A history and settings give one answer, whenever it is asked.
 * @public
 */
export interface ModelSettings {
  /** Neighbours asked, an integer from 1. */
  readonly neighbors: number
  /** Weight of each dimension of the feature vector in the distance to other functions, from 0. */
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

/** The defaults, but for what is given. */
export function resolveSettings(settings: Partial<ModelSettings>): ModelSettings {
  return { ...DEFAULT_SETTINGS, ...settings }
}

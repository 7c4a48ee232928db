/**
 * A k-nearest-neighbours predictor that learns one sample at a time: a query is answered with the
 * vote of the samples nearest to it, and with a score of how far to trust it.
 */
import { readDocument, requireRecord } from './document.ts'
import { KnnOptionError } from './errors.ts'
import { createModel, type Model, readSamples, rebuildModel } from './model.ts'
import {
  type KnnPredictorOptions,
  requireOptionsObject,
  type ResolvedOptions,
  resolveK,
  resolveOptions,
} from './options.ts'
import { findNeighbors, type Neighbor, predictFrom, type Prediction } from './prediction.ts'
import { measurePermutationImportance, type PermutationOptions } from './permutation-importance.ts'
import {
  PREDICTOR_DOCUMENT,
  type PredictorDocument,
  readColumns,
  requireOptions,
  writePredictorDocument,
} from './predictor-document.ts'
import { checkSample, checkVector, type Sample, type StoredSample } from './sample.ts'
import { chooseSettings, type TuneOptions, type TuneResult } from './tune.ts'
import { isNumberIn } from './validation.ts'
import { measureVarianceImportance } from './variance-importance.ts'

/** A prediction less trusted than this is not given, unless the caller asks for another threshold. */
const DEFAULT_CONFIDENCE_THRESHOLD = 0.7

/**
 * Options of `KnnPredictor.predict`.
 *
 * @public
 */
export interface PredictOptions {
  /**
   * Smallest confidence that is returned, 0 to 1; 0 returns every prediction.
   *
   * @defaultValue `0.7`
   */
  readonly confidenceThreshold?: number
}

/**
 * Predicts targets of a feature vector from the samples nearest to it.
 *
 * @example
 * ```ts
 * import { KnnPredictor } from '@amorsize/knn'
 *
 * const predictor = new KnnPredictor({ dimensions: 1, targets: { price: {} }, k: 1 })
 * predictor.add({ features: [0.2], targets: { price: 10 } })
 * predictor.add({ features: [0.5], targets: { price: 25 } })
 * predictor.add({ features: [0.9], targets: { price: 40 } })
 * predictor.predict([0.51], { confidenceThreshold: 0 })?.targets.price // => 25
 * ```
 *
 * @public
 */
export class KnnPredictor<Target extends string = string> {
  #model: Model

  /** @throws {@link KnnOptionError} (`AMORSIZE_KNN_INVALID_OPTION`) for an option out of range. */
  constructor(options: KnnPredictorOptions<Target>) {
    this.#model = createModel(resolveOptions(options))
  }

  /** Number of samples held. */
  get size(): number {
    return this.#model.table.size
  }

  /** Numbers in a feature vector. */
  get dimensions(): number {
    return this.#options.dimensions
  }

  /** How many neighbours are averaged. */
  get k(): number {
    return this.#options.k
  }

  /** A copy of the weights, one per dimension. */
  get weights(): Float64Array {
    return this.#options.weights.slice()
  }

  /**
   * Learns one sample.
   *
   * @returns this predictor.
   * @throws {@link DimensionMismatchError} (`AMORSIZE_KNN_DIMENSION_MISMATCH`),
   *   {@link InvalidVectorError} (`AMORSIZE_KNN_INVALID_VECTOR`),
   *   {@link InvalidTargetError} (`AMORSIZE_KNN_INVALID_TARGET`),
   *   {@link UnknownTargetError} (`AMORSIZE_KNN_UNKNOWN_TARGET`) or
   *   {@link InvalidSampleError} (`AMORSIZE_KNN_INVALID_SAMPLE`); nothing is learned then.
   */
  add(sample: Sample<Target>): this {
    const checked = checkSample(sample, this.#options)
    this.#model.index.append(checked.vector)
    this.#model.table.push(checked)
    return this
  }

  /**
   * Learns all samples, or none where one of them is not valid.
   *
   * @returns this predictor.
   * @throws what `add` throws, and what the iterable throws.
   */
  addAll(samples: Iterable<Sample<Target>>): this {
    this.#learn(samples)
    return this
  }

  /**
   * Predicts every target at `features`.
   *
   * @returns the prediction; `undefined` with fewer samples than `minSamples` or where the
   *   confidence is below the threshold.
   * @throws {@link DimensionMismatchError}, {@link InvalidVectorError} or {@link KnnOptionError}.
   */
  predict(
    features: ArrayLike<number>,
    options: PredictOptions = {},
  ): Prediction<Target> | undefined {
    const query = checkVector(features, this.#options.dimensions)
    const threshold = checkThreshold(options)
    if (this.size < this.#options.minSamples) return undefined

    const prediction = predictFrom(this.#model, query)
    // The model holds exactly the targets of the options, whose names are `Target`.
    return prediction.confidence < threshold ? undefined : prediction
  }

  /**
   * The samples nearest to `features`, nearest first; of equally near ones the older first.
   *
   * @param k - How many, an integer from 1; fewer are returned where there are fewer samples.
   * @throws {@link DimensionMismatchError}, {@link InvalidVectorError} or {@link KnnOptionError}.
   */
  nearest(features: ArrayLike<number>, k: number = this.k): Neighbor<Target>[] {
    const query = checkVector(features, this.#options.dimensions)
    return findNeighbors(this.#model, query, resolveK(k))
  }

  /**
   * How much each feature varies over the samples: its population variance divided by the largest
   * of them, so that the most varied feature has 1.
   *
   * @returns one number per feature, all 0 where nothing varies; an empty object below 2 samples.
   */
  featureImportance(): Record<string, number> {
    return measureVarianceImportance(this.#model)
  }

  /**
   * How much each feature matters to predictions: how much the leave-one-out error grows when the
   * feature is shuffled among the samples. In units of the error of always predicting the mean; 0 or
   * a little below for a feature that says nothing.
   *
   * @remarks Asks `maxQueries x (1 + dimensions x repeats)` times for neighbours.
   * @returns one number per feature; an empty object below 2 samples.
   * @throws {@link KnnOptionError}.
   * @see Breiman, "Random forests", Machine Learning 45, 2001, section 10.
   */
  permutationImportance(options: PermutationOptions = {}): Record<string, number> {
    return measurePermutationImportance(this.#model, options)
  }

  /**
   * Chooses k and the weights of the features by leave-one-out error, and uses them from now on. A
   * choice has to lower the error by 1 % to be taken. Samples of one group are left out together.
   *
   * @remarks Asks up to about `maxQueries x 9 x dimensions` times for neighbours: a second or two for
   *   thousands of samples.
   * @returns what was chosen; `undefined`, and nothing changed, without two samples that are not of
   *   one group.
   * @throws {@link KnnOptionError}.
   */
  tune(options: TuneOptions = {}): TuneResult | undefined {
    const result = chooseSettings(this.#model, options)
    if (result === undefined) return undefined
    const { k, weights } = result
    this.#model = rebuildModel(this.#model, { ...this.#options, k, weights })
    return { ...result, weights: weights.slice() }
  }

  /** Every sample held, in the order of insertion. */
  samples(): IterableIterator<StoredSample<Target>> {
    return readSamples(this.#model)
  }

  /**
   * Forgets the samples that `isRemoved` picks out, for instance those grown old.
   *
   * @param isRemoved - Gets each sample and its position in the order of insertion.
   * @remarks Costs as much as adding all that remain at once.
   * @returns how many were removed.
   */
  removeWhere(isRemoved: (sample: StoredSample<Target>, index: number) => boolean): number {
    const removed = new Set<number>()
    let index = 0
    for (const sample of this.samples()) {
      if (isRemoved(sample, index)) removed.add(index)
      index++
    }
    if (removed.size === 0) return 0
    this.#model = rebuildModel(this.#model, this.#options, (id) => !removed.has(id))
    return removed.size
  }

  /** Everything the predictor knows, as plain data; `fromJSON` makes a predictor of it again. */
  toJSON(): PredictorDocument {
    return writePredictorDocument(this.#model)
  }

  /**
   * Makes a predictor of what `toJSON` returned, or of the text `JSON.stringify` made of it.
   *
   * @param targets - The target names the caller relies on; others, or fewer, are refused.
   * @throws {@link KnnDocumentError} (`AMORSIZE_KNN_INVALID_DOCUMENT`) for a truncated or foreign
   *   document, {@link KnnVersionError} (`AMORSIZE_KNN_UNSUPPORTED_VERSION`) for one from a later
   *   version.
   */
  static fromJSON<Target extends string = string>(
    document: unknown,
    targets?: readonly Target[],
  ): KnnPredictor<Target> {
    return readDocument(document, PREDICTOR_DOCUMENT, ({ options, samples }) => {
      requireOptions(options, targets)
      const predictor = new KnnPredictor<Target>(options)
      const columns = requireRecord('`samples`', samples)
      predictor.#learn(readColumns(columns, predictor.dimensions))
      return predictor
    })
  }

  /** Checks every sample before it keeps the first. */
  #learn(samples: Iterable<unknown>): void {
    const staged = createModel({ ...this.#options, search: 'scan' })
    for (const sample of samples) {
      const checked = checkSample(sample, this.#options)
      staged.index.append(checked.vector)
      staged.table.push(checked)
    }
    this.#model.index.append(staged.index.toRows())
    this.#model.table.append(staged.table)
  }

  get #options(): ResolvedOptions {
    return this.#model.options
  }
}

function checkThreshold(options: PredictOptions): number {
  const { confidenceThreshold = DEFAULT_CONFIDENCE_THRESHOLD } = requireOptionsObject(options)
  if (isNumberIn(confidenceThreshold, 0, 1)) return confidenceThreshold
  const expectation = '`confidenceThreshold` to be a number from 0 to 1'
  throw new KnnOptionError(expectation, confidenceThreshold, 'Leave it out for 0.7.')
}

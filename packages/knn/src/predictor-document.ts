/**
 * A predictor as JSON. Samples are kept by column, which is a third of the size of a list of
 * objects; a reader refuses what it cannot vouch for before any predictor exists.
 */
import { type DocumentKind, requireArray, requireRecord } from './document.ts'
import { KnnDocumentError } from './errors.ts'
import type { Model } from './model.ts'
import {
  type KnnPredictorOptions,
  resolveOptions,
  type ResolvedTarget,
  type TargetOptions,
} from './options.ts'
import { isIntegerIn } from './validation.ts'

export const PREDICTOR_DOCUMENT: DocumentKind<'amorsize-knn-predictor', 1> = {
  format: 'amorsize-knn-predictor',
  version: 1,
}

/**
 * A `KnnPredictor` as plain data.
 *
 * @public
 */
export interface PredictorDocument {
  /** Names the kind of document. */
  readonly format: 'amorsize-knn-predictor'
  /** Version of the format. */
  readonly version: 1
  /** What the predictor was made with, tuned values included. */
  readonly options: KnnPredictorOptions
  /** The samples by column, in the order of insertion. */
  readonly samples: SampleColumns
}

/**
 * Samples by column.
 *
 * @public
 */
export interface SampleColumns {
  /** Number of samples. */
  readonly count: number
  /** The feature vectors one after another, `count` times `dimensions` numbers. */
  readonly features: readonly number[]
  /** `count` values of each target. */
  readonly targets: Readonly<Record<string, readonly number[]>>
  /** `count` weights; absent where all are 1. */
  readonly weights?: readonly number[]
  /** `count` groups, null for none; absent where no sample has one. */
  readonly groups?: readonly (string | null)[]
}

export function writePredictorDocument({ options, index, table }: Model): PredictorDocument {
  const ids = Array.from({ length: table.size }, (_, id) => id)
  return {
    ...PREDICTOR_DOCUMENT,
    options: {
      dimensions: options.dimensions,
      featureNames: options.featureNames,
      targets: Object.fromEntries(
        options.targets.map((target) => [target.name, writeTarget(target)]),
      ),
      k: options.k,
      minSamples: options.minSamples,
      epsilon: options.epsilon,
      weights: Array.from(options.weights),
      search: options.search,
    },
    samples: {
      count: table.size,
      features: Array.from(index.toRows()),
      targets: Object.fromEntries(
        options.targets.map(({ name }, column) => [name, ids.map((id) => table.value(id, column))]),
      ),
      ...(table.hasWeights && { weights: ids.map((id) => table.weight(id)) }),
      ...(table.hasGroups && { groups: ids.map((id) => table.group(id) ?? null) }),
    },
  }
}

/** The samples of a document, one by one; each has yet to be checked, as any sample that is added. */
export function* readColumns(
  samples: Readonly<Record<string, unknown>>,
  dimensions: number,
): Iterable<unknown> {
  const count = samples['count']
  if (!isIntegerIn(count, 0, Number.MAX_SAFE_INTEGER)) {
    throw new KnnDocumentError('`samples.count` to be a whole number', count, 'Write it again.')
  }
  const features = requireArray('`samples.features`', samples['features'], count * dimensions)
  const targets = readTargetColumns(samples['targets'], count)
  const weights = readOptionalColumn('weights', samples['weights'], count)
  const groups = readOptionalColumn('groups', samples['groups'], count)
  for (let id = 0; id < count; id++) {
    yield {
      features: features.slice(id * dimensions, (id + 1) * dimensions),
      targets: Object.fromEntries(targets.map(([name, values]) => [name, values[id]])),
      weight: weights?.[id],
      group: groups?.[id] ?? undefined,
    }
  }
}

/** Throws unless these are valid options, of a predictor of the targets its reader relies on. */
export function requireOptions<Target extends string>(
  options: unknown,
  expected: readonly Target[] | undefined,
): asserts options is KnnPredictorOptions<Target> {
  const names: string[] = resolveOptions(options).targets.map(({ name }) => name)
  if (expected === undefined) return
  if (names.length === expected.length && expected.every((name) => names.includes(name))) return
  const expectation = `a predictor of ${expected.join(', ')}`
  throw new KnnDocumentError(expectation, names.join(', '), 'Train one for these targets.')
}

function writeTarget({ scale, integer, min }: ResolvedTarget): TargetOptions {
  return min === -Infinity ? { scale, integer } : { scale, integer, min }
}

function readTargetColumns(
  targets: unknown,
  count: number,
): (readonly [string, readonly unknown[]])[] {
  return Object.entries(requireRecord('`samples.targets`', targets)).map(
    ([name, values]) => [name, requireArray(`\`samples.targets.${name}\``, values, count)] as const,
  )
}

function readOptionalColumn(name: string, values: unknown, count: number) {
  return values === undefined ? undefined : requireArray(`\`samples.${name}\``, values, count)
}

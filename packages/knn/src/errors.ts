/**
 * What can go wrong in this package. Match on `code`: two copies of the package may be loaded, and
 * then `instanceof` fails. Every error is raised before anything has been changed.
 */

/** Longest piece of an offending text that a message repeats, in characters. */
const SHOWN_TEXT = 60

/**
 * Base of every error of this package.
 *
 * @public
 */
export abstract class KnnError extends Error {
  /** Stable identifier of the failure. */
  abstract readonly code: `AMORSIZE_KNN_${string}`
  /** The value that was refused. */
  readonly value: unknown
  /** What to do about it. */
  readonly remedy: string

  /** @internal */
  constructor(expectation: string, value: unknown, remedy: string, options?: ErrorOptions) {
    super(`Expected ${expectation}, got ${show(value)}. ${remedy}`, options)
    this.value = value
    this.remedy = remedy
  }
}

/**
 * An option has a value outside its range or of the wrong type.
 *
 * @public
 */
export class KnnOptionError extends KnnError {
  /** Name of the class. */
  override readonly name = 'KnnOptionError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_OPTION'
}

/**
 * A vector has not as many numbers as the predictor has dimensions.
 *
 * @public
 */
export class DimensionMismatchError extends KnnError {
  /** Name of the class. */
  override readonly name = 'DimensionMismatchError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_DIMENSION_MISMATCH'
}

/**
 * A feature is not a finite number, or too large to be squared.
 *
 * @public
 */
export class InvalidVectorError extends KnnError {
  /** Name of the class. */
  override readonly name = 'InvalidVectorError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_VECTOR'
}

/**
 * A sample names a target the predictor was not made for.
 *
 * @public
 */
export class UnknownTargetError extends KnnError {
  /** Name of the class. */
  override readonly name = 'UnknownTargetError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_UNKNOWN_TARGET'
}

/**
 * A target of a sample is missing, not a finite number, or not above 0 where its scale is `'log'`.
 *
 * @public
 */
export class InvalidTargetError extends KnnError {
  /** Name of the class. */
  override readonly name = 'InvalidTargetError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_TARGET'
}

/**
 * A sample is not an object of the documented shape, or its weight or group is not valid.
 *
 * @public
 */
export class InvalidSampleError extends KnnError {
  /** Name of the class. */
  override readonly name = 'InvalidSampleError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_SAMPLE'
}

/**
 * An outcome given to an `AccuracyTracker` or a calibrator is not valid.
 *
 * @public
 */
export class InvalidOutcomeError extends KnnError {
  /** Name of the class. */
  override readonly name = 'InvalidOutcomeError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_OUTCOME'
}

/**
 * A JSON document is truncated, damaged or of another kind.
 *
 * @public
 */
export class KnnDocumentError extends KnnError {
  /** Name of the class. */
  override readonly name = 'KnnDocumentError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_INVALID_DOCUMENT'
}

/**
 * A JSON document was written by a later version of this package.
 *
 * @public
 */
export class KnnVersionError extends KnnError {
  /** Name of the class. */
  override readonly name = 'KnnVersionError'
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_KNN_UNSUPPORTED_VERSION'
}

function show(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object') return `an object (${classOf(value)})`
  if (typeof value === 'string') return `${JSON.stringify(shorten(value))} (string)`
  if (typeof value === 'number') return `${value} (number)`
  return typeof value
}

function classOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function shorten(text: string): string {
  return text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text
}

/** How far a prediction was from what happened. */
import { InvalidOutcomeError } from './errors.ts'
import { isMagnitude, isRecord, MAX_MAGNITUDE } from './validation.ts'

/**
 * How far one predicted target was off.
 *
 * @public
 */
export interface TargetError {
  /** `|predicted - actual|`, in the unit of the target. */
  readonly absolute: number
  /** `min(1, |predicted - actual| / max(1, actual))`, 0 to 1. */
  readonly relative: number
}

/**
 * How good one prediction was.
 *
 * @public
 */
export interface Accuracy<Target extends string = string> {
  /** The error of each target that was observed. */
  readonly errors: Readonly<Record<Target, TargetError>>
  /** 1 less the mean relative error over the targets, 0 to 1. */
  readonly overallAccuracy: number
}

/**
 * A prediction and what happened.
 *
 * @public
 */
export interface PredictionOutcome<Target extends string = string> {
  /** Predicted value per target. */
  readonly predicted: Readonly<Record<Target, number>>
  /** Observed value per target: of all that were predicted, or of some, at least one. */
  readonly actual: Readonly<Partial<Record<Target, number>>>
  /** The confidence that was claimed, 0 to 1; left out, the record says nothing about confidences. */
  readonly confidence?: number
  /**
   * Whether the prediction was right, where that is not a matter of its targets: a chunk size far
   * from the best may cost nothing.
   *
   * @defaultValue whether the accuracy is at least `1 - tolerance`
   */
  readonly isRight?: boolean
}

/** Compares every target that was observed. */
export function measureAccuracy(outcome: PredictionOutcome): Accuracy {
  const predicted = requireNumbers('predicted', outcome)
  const observed = Object.entries(requireNumbers('actual', outcome))
  if (observed.length === 0) {
    const remedy = 'Pass at least one target.'
    throw new InvalidOutcomeError('`actual` to hold what was observed', outcome.actual, remedy)
  }
  const errors = observed.map(([name, actual]) => {
    if (!Object.hasOwn(predicted, name)) {
      const remedy = 'Drop what was not predicted.'
      throw new InvalidOutcomeError('`actual` to hold predicted targets', name, remedy)
    }
    return [name, measureError(predicted[name]!, actual)] as const
  })
  const relative = errors.reduce((sum, [, error]) => sum + error.relative, 0)
  return { errors: Object.fromEntries(errors), overallAccuracy: 1 - relative / errors.length }
}

function measureError(predicted: number, actual: number): TargetError {
  const absolute = Math.abs(predicted - actual)
  return { absolute, relative: Math.min(1, absolute / Math.max(1, actual)) }
}

function requireNumbers(field: string, outcome: unknown): Readonly<Record<string, number>> {
  const values = isRecord(outcome) ? outcome[field] : undefined
  if (isRecord(values) && isNumbers(values)) return values
  const expectation = `\`${field}\` to be an object of finite numbers, up to ${MAX_MAGNITUDE}`
  throw new InvalidOutcomeError(expectation, values, 'Leave out what was not measured.')
}

function isNumbers(
  values: Readonly<Record<string, unknown>>,
): values is Readonly<Record<string, number>> {
  return Object.values(values).every(isMagnitude)
}

/** Compares predictions with what happened, and says how good they are and whether that changes. */
import { type Accuracy, measureAccuracy, type PredictionOutcome } from './accuracy.ts'
import {
  ACCURACY_DOCUMENT,
  type AccuracyDocument,
  readAccuracyState,
  type TrackedOutcome,
} from './accuracy-document.ts'
import { readDocument } from './document.ts'
import { InvalidOutcomeError, KnnOptionError } from './errors.ts'
import { integerOption, requireOptionsObject } from './options.ts'
import { checkConfidence, measureReliability, type ReliabilityBin } from './reliability.ts'
import { RollingWindow } from './rolling-window.ts'
import { Timeline, type TimelineSegment } from './timeline.ts'
import { isNumberIn } from './validation.ts'

const DEFAULT_WINDOW = 1000
const MAX_WINDOW = 1e6
/** A plan within a fifth of the best counts as good: the tolerance by which core judges its own. */
const DEFAULT_TOLERANCE = 0.2

/**
 * Options of an `AccuracyTracker`.
 *
 * @public
 */
export interface AccuracyTrackerOptions {
  /**
   * How many of the latest records the summary covers, an integer from 1 to 1,000,000.
   *
   * @defaultValue `1000`
   */
  readonly window?: number
  /**
   * A prediction whose accuracy is at least `1 - tolerance` counts as right when confidences are
   * judged; 0 to 1.
   *
   * @defaultValue `0.2`
   */
  readonly tolerance?: number
}

/**
 * How good the latest predictions were.
 *
 * @public
 */
export interface AccuracySummary {
  /** Records the summary covers: the latest ones, at most `window`. */
  readonly count: number
  /** Records ever made. */
  readonly recorded: number
  /** Mean overall accuracy, 0 to 1; `undefined` without a record. */
  readonly meanAccuracy: number | undefined
  /**
   * Share of the records whose accuracy is at least `1 - tolerance`; `undefined` without a record.
   */
  withinTolerance(tolerance: number): number | undefined
  /** Mean overall accuracy over consecutive stretches of the whole history, oldest first. */
  readonly accuracyOverTime: readonly TimelineSegment[]
  /** Ten bins of claimed confidence against the share that was right. */
  readonly calibrationBins: readonly ReliabilityBin[]
  /** Mean distance between claimed and observed; `undefined` where no record claimed a confidence. */
  readonly expectedCalibrationError: number | undefined
  /** Mean squared distance of confidence and outcome; `undefined` where none was claimed. */
  readonly brierScore: number | undefined
}

/**
 * Tracks how far predictions are from what happens. Memory is bounded: the latest `window` records
 * and a curve of 64 points over the whole history.
 *
 * @public
 */
export class AccuracyTracker {
  readonly #tolerance: number
  readonly #window: RollingWindow<TrackedOutcome>
  #timeline = new Timeline()
  #recorded = 0

  /** @throws {@link KnnOptionError} (`AMORSIZE_KNN_INVALID_OPTION`). */
  constructor(options: AccuracyTrackerOptions = {}) {
    const { window = DEFAULT_WINDOW, tolerance = DEFAULT_TOLERANCE } = requireOptionsObject(options)
    this.#tolerance = checkTolerance(tolerance)
    this.#window = new RollingWindow(integerOption('window', window, MAX_WINDOW))
  }

  /**
   * Compares a prediction with what happened and remembers the result.
   *
   * @returns the errors of this prediction alone.
   * @throws {@link InvalidOutcomeError} (`AMORSIZE_KNN_INVALID_OUTCOME`); nothing is recorded then.
   */
  record<Target extends string>(outcome: PredictionOutcome<Target>): Accuracy<Target> {
    const accuracy = measureAccuracy(outcome)
    const { confidence, isRight = accuracy.overallAccuracy >= 1 - this.#tolerance } = outcome
    if (typeof isRight !== 'boolean') {
      throw new InvalidOutcomeError('`isRight` to be a boolean', isRight, 'Leave it out.')
    }
    this.#window.push({
      accuracy: accuracy.overallAccuracy,
      confidence: confidence === undefined ? null : checkConfidence(confidence),
      isRight,
    })
    this.#timeline.push(accuracy.overallAccuracy)
    this.#recorded++
    return accuracy
  }

  /** How good the latest predictions were. Does not change when more are recorded. */
  summary(): AccuracySummary {
    const records = this.#window.toArray()
    const { bins, expectedCalibrationError, brierScore } = measureReliability(
      records.flatMap(({ confidence, isRight }) =>
        confidence === null ? [] : [{ confidence, observed: isRight }],
      ),
    )
    return {
      count: records.length,
      recorded: this.#recorded,
      meanAccuracy: averageOf(records.map(({ accuracy }) => accuracy)),
      withinTolerance: (tolerance) => {
        const least = 1 - checkTolerance(tolerance)
        return averageOf(records.map(({ accuracy }) => Number(accuracy >= least)))
      },
      accuracyOverTime: this.#timeline.segments(),
      calibrationBins: bins,
      expectedCalibrationError,
      brierScore,
    }
  }

  /** Everything the tracker knows, as plain data. */
  toJSON(): AccuracyDocument {
    return {
      ...ACCURACY_DOCUMENT,
      window: this.#window.capacity,
      tolerance: this.#tolerance,
      recorded: this.#recorded,
      records: this.#window.toArray(),
      timeline: {
        segmentLength: this.#timeline.segmentLength,
        segments: this.#timeline.segments().map(({ count, mean }) => ({ count, mean })),
      },
    }
  }

  /**
   * Makes a tracker of what `toJSON` returned, or of the text `JSON.stringify` made of it.
   *
   * @throws `KnnDocumentError` (`AMORSIZE_KNN_INVALID_DOCUMENT`) or
   *   `KnnVersionError` (`AMORSIZE_KNN_UNSUPPORTED_VERSION`).
   */
  static fromJSON(document: unknown): AccuracyTracker {
    return readDocument(document, ACCURACY_DOCUMENT, (fields) => {
      const state = readAccuracyState(fields)
      const tracker = new AccuracyTracker(state)
      for (const record of state.records) tracker.#window.push(record)
      tracker.#timeline = new Timeline(state.timeline.segmentLength, state.timeline.segments)
      tracker.#recorded = state.recorded
      return tracker
    })
  }
}

function averageOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function checkTolerance(tolerance: unknown): number {
  if (isNumberIn(tolerance, 0, 1)) return tolerance
  const expectation = '`tolerance` to be a number from 0 to 1'
  throw new KnnOptionError(expectation, tolerance, 'Pass for instance 0.2.')
}

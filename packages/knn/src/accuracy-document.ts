/** An accuracy tracker as JSON. */
import { type DocumentKind, requireArray, requireField, requireRecord } from './document.ts'
import { TIMELINE_CAPACITY } from './timeline.ts'
import { isIntegerIn, isNumberIn } from './validation.ts'

export const ACCURACY_DOCUMENT: DocumentKind<'amorsize-knn-accuracy', 1> = {
  format: 'amorsize-knn-accuracy',
  version: 1,
}

/**
 * What is kept of one record.
 *
 * @public
 */
export interface TrackedOutcome {
  /** Overall accuracy, 0 to 1. */
  readonly accuracy: number
  /** Claimed confidence, 0 to 1; null where none was claimed. */
  readonly confidence: number | null
  /** Whether the prediction counts as right. */
  readonly isRight: boolean
}

/**
 * An `AccuracyTracker` as plain data.
 *
 * @public
 */
export interface AccuracyDocument {
  /** Names the kind of document. */
  readonly format: 'amorsize-knn-accuracy'
  /** Version of the format. */
  readonly version: 1
  /** How many records are kept at most. */
  readonly window: number
  /** How far from right still counts as right. */
  readonly tolerance: number
  /** Records ever made. */
  readonly recorded: number
  /** The latest records, oldest first. */
  readonly records: readonly TrackedOutcome[]
  /** The whole history in equal stretches. */
  readonly timeline: {
    /** Records of a full stretch. */
    readonly segmentLength: number
    /** Mean accuracy of each stretch, oldest first. */
    readonly segments: readonly { readonly count: number; readonly mean: number }[]
  }
}

type AccuracyState = Omit<AccuracyDocument, 'format' | 'version'>

export function readAccuracyState(fields: Readonly<Record<string, unknown>>): AccuracyState {
  const window = requireField(fields, 'window', isCount, 'a whole number from 1')
  const recorded = requireField(fields, 'recorded', isCountOrZero, 'a whole number')
  const records = requireArray('`records`', fields['records'], Math.min(window, recorded))
  const timeline = requireRecord('`timeline`', fields['timeline'])
  return {
    window,
    tolerance: requireField(fields, 'tolerance', isRatio, 'a number from 0 to 1'),
    recorded,
    records: records.map(readRecord),
    timeline: readTimeline(timeline, recorded),
  }
}

function readRecord(record: unknown): TrackedOutcome {
  const fields = requireRecord('a record', record)
  return {
    accuracy: requireField(fields, 'accuracy', isRatio, 'a number from 0 to 1'),
    confidence: requireField(fields, 'confidence', isRatioOrNull, 'a number from 0 to 1, or null'),
    isRight: requireField(fields, 'isRight', isBoolean, 'a boolean'),
  }
}

/**
 * Every stretch but the last is full, and together they cover every record. They are no more than a
 * `Timeline` keeps: it makes room only when it holds exactly as many, and would grow for ever.
 */
function readTimeline(
  timeline: Readonly<Record<string, unknown>>,
  recorded: number,
): AccuracyState['timeline'] {
  const shortest = Math.max(1, Math.ceil(recorded / TIMELINE_CAPACITY))
  const isLongEnough = (value: unknown): value is number =>
    isIntegerIn(value, shortest, Number.MAX_SAFE_INTEGER)
  const expectation = `a whole number from ${shortest}`
  const segmentLength = requireField(timeline, 'segmentLength', isLongEnough, expectation)
  const length = Math.ceil(recorded / segmentLength)
  const segments = requireArray('`timeline.segments`', timeline['segments'], length)
  return {
    segmentLength,
    segments: segments.map((segment, i) => {
      const count = Math.min(segmentLength, recorded - i * segmentLength)
      const fields = requireRecord('a segment', segment)
      const isFull = (value: unknown): value is number => value === count
      return {
        count: requireField(fields, 'count', isFull, String(count)),
        mean: requireField(fields, 'mean', isRatio, 'a number from 0 to 1'),
      }
    }),
  }
}

function isCount(value: unknown): value is number {
  return isIntegerIn(value, 1, Number.MAX_SAFE_INTEGER)
}

function isCountOrZero(value: unknown): value is number {
  return value === 0 || isCount(value)
}

function isRatio(value: unknown): value is number {
  return isNumberIn(value, 0, 1)
}

function isRatioOrNull(value: unknown): value is number | null {
  return value === null || isRatio(value)
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

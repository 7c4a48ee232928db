import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { AccuracyTracker, measureReliability } from '../src/index.ts'
import { loosely } from './loosely.ts'

describe('the accuracy of a prediction', () => {
  test('is 1 less the mean relative error of its targets', () => {
    const tracker = new AccuracyTracker()

    const accuracy = tracker.record({
      predicted: { nJobs: 6, chunkSize: 150 },
      actual: { nJobs: 4, chunkSize: 100 },
    })

    expect(accuracy).toEqual({
      errors: {
        nJobs: { absolute: 2, relative: 0.5 },
        chunkSize: { absolute: 50, relative: 0.5 },
      },
      overallAccuracy: 0.5,
    })
  })

  test('counts an error as at most whole, and one of a value below 1 by its amount', () => {
    const tracker = new AccuracyTracker()

    const { errors } = tracker.record({
      predicted: { far: 900, small: 0.5, below: 3 },
      actual: { far: 1, small: 0.25, below: -1 },
    })

    expect(errors).toEqual({
      far: { absolute: 899, relative: 1 },
      small: { absolute: 0.25, relative: 0.25 },
      below: { absolute: 4, relative: 1 },
    })
  })

  test('is that of the targets that were observed', () => {
    const outcome = { predicted: { a: 5, b: 5 }, actual: { a: 5 } }

    expect(new AccuracyTracker().record(outcome)).toEqual({
      errors: { a: { absolute: 0, relative: 0 } },
      overallAccuracy: 1,
    })
  })
})

describe('a summary', () => {
  test('of nothing says nothing', () => {
    const summary = new AccuracyTracker().summary()

    expect(summary).toMatchObject({ count: 0, recorded: 0, accuracyOverTime: [] })
    expect(summary.meanAccuracy).toBeUndefined()
    expect(summary.withinTolerance(0.5)).toBeUndefined()
    expect(summary.expectedCalibrationError).toBeUndefined()
    expect(summary.brierScore).toBeUndefined()
  })

  test('covers the latest records, and stays as it was when more come', () => {
    const tracker = new AccuracyTracker({ window: 4 })
    for (const actual of [200, 200, 100, 100, 80, 50]) recordAgainst(tracker, 100, actual)

    const summary = tracker.summary()
    recordAgainst(tracker, 100, 1)

    // Predicted 100 for 100, 100, 80 and 50: relative errors 0, 0, 0.25 and 1.
    expect(summary.count).toBe(4)
    expect(summary.recorded).toBe(6)
    expect(summary.meanAccuracy).toBe((1 + 1 + 0.75 + 0) / 4)
    expect(summary.withinTolerance(0)).toBe(0.5)
    expect(summary.withinTolerance(0.25)).toBe(0.75)
    expect(summary.withinTolerance(1)).toBe(1)
  })

  test('compares confidences with how often predictions were right', () => {
    const tracker = new AccuracyTracker({ tolerance: 0.1 })
    for (let i = 0; i < 10; i++) {
      const actual = i < 7 ? 100 : 50
      tracker.record({ predicted: { y: 100 }, actual: { y: actual }, confidence: 0.95 })
    }
    tracker.record({ predicted: { y: 1 }, actual: { y: 1 } })

    const { calibrationBins, expectedCalibrationError, brierScore } = tracker.summary()

    expect(calibrationBins).toHaveLength(10)
    expect(calibrationBins[9]).toMatchObject({ from: 0.9, to: 1, count: 10, observed: 0.7 })
    expect(calibrationBins[9]?.claimed).toBeCloseTo(0.95, 12)
    expect(calibrationBins[0]).toMatchObject({ count: 0, observed: undefined })
    expect(expectedCalibrationError).toBeCloseTo(0.25, 12)
    expect(brierScore).toBeCloseTo((7 * 0.05 ** 2 + 3 * 0.95 ** 2) / 10, 12)
  })

  test('takes the word of who knows whether a prediction was right', () => {
    const tracker = new AccuracyTracker()
    const outcome = { predicted: { y: 1 }, actual: { y: 99 }, confidence: 1, isRight: true }
    tracker.record(outcome)

    expect(tracker.summary().brierScore).toBe(0)
  })

  test('draws a history of any length by at most 64 equal stretches from its start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 700, size: 'max' }),
        (actuals) => {
          const tracker = new AccuracyTracker({ window: 1 })
          const accuracies = actuals.map((actual) => recordAgainst(tracker, 1, actual))

          const segments = tracker.summary().accuracyOverTime

          expect(segments.length).toBeLessThanOrEqual(64)
          if (actuals.length > 64) expect(segments.length).toBeGreaterThan(32)
          expect(segments.reduce((sum, { count }) => sum + count, 0)).toBe(actuals.length)
          for (const { start, count, mean } of segments) {
            const part = accuracies.slice(start, start + count)
            expect(mean).toBeCloseTo(part.reduce((a, b) => a + b, 0) / count, 9)
          }
        },
      ),
    )
  })
})

describe('a tracker read back from JSON', () => {
  test('goes on as if it had never been written', () => {
    const outcome = fc.record({
      actual: fc.integer({ min: 1, max: 300 }),
      confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 150 }), fc.nat({ max: 150 }), (outcomes, cut) => {
        const straight = new AccuracyTracker({ window: 20, tolerance: 0.3 })
        let restored = new AccuracyTracker({ window: 20, tolerance: 0.3 })
        for (const [i, { actual, confidence }] of outcomes.entries()) {
          const record = { predicted: { y: 100 }, actual: { y: actual } }
          const claim = confidence === undefined ? record : { ...record, confidence }
          straight.record(claim)
          if (i === cut) restored = AccuracyTracker.fromJSON(JSON.stringify(restored))
          restored.record(claim)
        }

        expect(JSON.stringify(restored)).toBe(JSON.stringify(straight))
        const [a, b] = [restored.summary(), straight.summary()]
        expect({ ...a, withinTolerance: a.withinTolerance(0.2) }).toEqual({
          ...b,
          withinTolerance: b.withinTolerance(0.2),
        })
      }),
    )
  })

  test('is refused where its curve has more points than a tracker keeps', () => {
    const tracker = new AccuracyTracker({ window: 1 })
    for (let i = 0; i < 128; i++) recordAgainst(tracker, 1, 1)
    const document = tracker.toJSON()
    const inStretchesOf = (segmentLength: number): unknown => {
      const length = Math.ceil(document.recorded / segmentLength)
      const segments = Array.from({ length }, () => ({ count: segmentLength, mean: 1 }))
      return { ...document, timeline: { segmentLength, segments } }
    }

    expect(AccuracyTracker.fromJSON(inStretchesOf(2)).toJSON()).toEqual(document)
    expect(() => AccuracyTracker.fromJSON(inStretchesOf(1))).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_DOCUMENT' }),
    )
  })

  test('is refused where the document contradicts itself', () => {
    const tracker = new AccuracyTracker({ window: 2 })
    for (const actual of [1, 2, 3]) recordAgainst(tracker, 1, actual)
    const document = tracker.toJSON()
    const timeline = document.timeline
    const damaged = [
      { ...document, recorded: 2 },
      { ...document, records: document.records.slice(1) },
      { ...document, records: [{}, {}] },
      { ...document, window: 0 },
      { ...document, tolerance: 2 },
      { ...document, timeline: { ...timeline, segmentLength: 0 } },
      { ...document, timeline: { ...timeline, segments: timeline.segments.slice(1) } },
      {
        ...document,
        timeline: { ...timeline, segments: timeline.segments.map(() => ({ count: 1 })) },
      },
    ]

    for (const one of damaged) {
      expect(() => AccuracyTracker.fromJSON(one)).toThrow(
        expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_DOCUMENT' }),
      )
    }
  })
})

describe('a tracker refuses, and is unchanged by,', () => {
  const valid = { predicted: { y: 1 }, actual: { y: 1 } }
  test.each([
    ['nothing', undefined],
    ['no prediction', { actual: { y: 1 } }],
    ['nothing observed', { predicted: { y: 1 }, actual: {} }],
    ['a target that was not predicted', { ...valid, actual: { z: 1 } }],
    ['NaN', { ...valid, actual: { y: Number.NaN } }],
    ['an infinite prediction', { ...valid, predicted: { y: Infinity } }],
    ['a confidence above 1', { ...valid, confidence: 85.3 }],
    ['a verdict that is none', { ...valid, isRight: 1 }],
  ])('%s', (_, outcome) => {
    const tracker = new AccuracyTracker()

    expect(() => tracker.record(loosely(outcome))).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OUTCOME' }),
    )

    expect(tracker.summary().recorded).toBe(0)
  })

  test.each([
    [{ window: 0 }],
    [{ window: 1e9 }],
    [{ tolerance: -0.1 }],
    [{ tolerance: Number.NaN }],
  ])('the option %o', (options) => {
    expect(() => new AccuracyTracker(options)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OPTION' }),
    )
  })
})

describe('reliability', () => {
  test('puts a confidence at the edge of two bins into the upper one, and 1 into the last', () => {
    const outcomes = [0, 0.25, 0.5, 1].map((confidence) => ({ confidence, observed: true }))

    const { bins } = measureReliability(outcomes, 4)

    expect(bins.map(({ count }) => count)).toEqual([1, 1, 1, 1])
  })

  test('puts a confidence between the edges of its bin, however they are rounded', () => {
    const confidence = fc
      .tuple(
        fc.integer({ min: 1, max: 1000 }),
        fc.nat({ max: 1000 }),
        fc.integer({ min: -2, max: 2 }),
      )
      .filter(([bins, edge]) => edge <= bins)
      .map(([bins, edge, ulps]) => ({
        bins,
        confidence: Math.min(1, Math.max(0, (edge / bins) * (1 + ulps * 2 ** -53))),
      }))
    fc.assert(
      fc.property(confidence, (claim) => {
        const { bins } = measureReliability([{ ...claim, observed: true }], claim.bins)

        const found = bins.find(({ count }) => count === 1)
        expect(found?.from).toBeLessThanOrEqual(claim.confidence)
        if (found !== bins.at(-1)) expect(found?.to).toBeGreaterThan(claim.confidence)
      }),
      {
        examples: [
          [{ bins: 100, confidence: 0.29 }],
          [{ bins: 10, confidence: 0.8999999999999999 }],
        ],
      },
    )
  })

  test('is perfect where claims come true as often as claimed', () => {
    const outcomes = Array.from({ length: 100 }, (_, i) => ({
      confidence: 0.25,
      observed: i % 4 === 0,
    }))

    const { expectedCalibrationError, brierScore } = measureReliability(outcomes)

    expect(expectedCalibrationError).toBeCloseTo(0, 12)
    expect(brierScore).toBeCloseTo(0.25 * 0.75, 12)
  })

  test('refuses what is no outcome', () => {
    expect(() => measureReliability([{ confidence: 2, observed: true }])).toThrow(/confidence/)
    expect(() => measureReliability([{ confidence: 1, observed: 3 }])).toThrow(/observed/)
    expect(() => measureReliability([], 0)).toThrow(/bins/)
  })
})

function recordAgainst(tracker: AccuracyTracker, predicted: number, actual: number): number {
  return tracker.record({ predicted: { y: predicted }, actual: { y: actual } }).overallAccuracy
}

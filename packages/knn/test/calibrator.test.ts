import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Calibrator, type ConfidenceOutcome, measureReliability } from '../src/index.ts'
import { loosely } from './loosely.ts'
import { createTestRandom } from './random.ts'

/** How often a claim really holds, by its confidence. */
const truths: Record<string, (confidence: number) => number> = {
  overconfident: (confidence) => confidence ** 3,
  underconfident: (confidence) => Math.sqrt(confidence),
  'confident without knowing': () => 0.7,
  honest: (confidence) => confidence,
  'right from 0.8 on': (confidence) => (confidence > 0.8 ? 0.95 : 0.3),
}

describe.each(Object.entries(truths))('outcomes of a predictor that is %s', (_, truth) => {
  test('teach probabilities near the true ones, and well calibrated on outcomes not seen', () => {
    const random = createTestRandom(1)
    const calibrator = new Calibrator()
    for (const outcome of makeOutcomes(2000, truth, random)) calibrator.record(outcome)

    const fresh = makeOutcomes(5000, truth, random)
    const off = fresh.map(({ confidence }) => calibrator.calibrate(confidence) - truth(confidence))
    const calibrated = fresh.map(({ confidence, observed }) => ({
      confidence: calibrator.calibrate(confidence),
      observed,
    }))

    expect(Math.sqrt(mean(off.map((error) => error ** 2)))).toBeLessThan(0.06)
    expect(measureReliability(calibrated).expectedCalibrationError).toBeLessThan(0.05)
  })

  test('already as few as 30 give a Brier score hardly worse than the truth would', () => {
    const excesses: number[] = []
    for (let seed = 1; seed <= 40; seed++) {
      const random = createTestRandom(seed)
      const calibrator = new Calibrator()
      for (const outcome of makeOutcomes(30, truth, random)) calibrator.record(outcome)
      for (let i = 0; i < 50; i++) {
        const confidence = random()
        excesses.push((calibrator.calibrate(confidence) - truth(confidence)) ** 2)
      }
    }

    // The excess of a Brier score over that of the true probability is this mean square. 0.04 is a
    // typical error of 0.2; claiming the base rate for all has 0.08 for the first of these truths.
    expect(mean(excesses)).toBeLessThan(0.04)
  })
})

describe('a calibrator', () => {
  const outcome = fc.record({
    confidence: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    observed: fc.oneof(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true })),
  })
  const outcomes = fc.array(outcome, { maxLength: 120, size: 'max' })

  test('never orders two predictions otherwise, never is certain, and is never outside 0 to 1', () => {
    const claims = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 })
    fc.assert(
      fc.property(outcomes, claims, (history, confidences) => {
        const calibrator = new Calibrator({ minOutcomes: 1 })
        for (const one of history) calibrator.record(one)

        const ascending = confidences.toSorted((a, b) => a - b)
        const calibrated = ascending.map((confidence) => calibrator.calibrate(confidence))

        for (const [i, probability] of calibrated.entries()) {
          expect(probability).toBeGreaterThanOrEqual(calibrated[i - 1] ?? 0)
          expect(probability).toBeLessThanOrEqual(1)
          if (history.length > 0) expect(Math.abs(probability - 0.5)).toBeLessThan(0.5)
        }
      }),
    )
  })

  test('goes on after JSON as if it had never been written', () => {
    fc.assert(
      fc.property(outcomes, fc.double({ min: 0, max: 1, noNaN: true }), (history, confidence) => {
        const options = { minOutcomes: 3, priorStrength: 1.5, capacity: 40 }
        const calibrator = new Calibrator(options)
        for (const one of history) calibrator.record(one)

        const again = Calibrator.fromJSON(JSON.stringify(calibrator))

        expect(again.size).toBe(Math.min(40, history.length))
        expect(again.isReady).toBe(calibrator.isReady)
        expect(again.calibrate(confidence)).toBe(calibrator.calibrate(confidence))
        const last = { confidence: 0.5, observed: true }
        expect(again.record(last).toJSON()).toEqual(calibrator.record(last).toJSON())
      }),
    )
  })

  test('lets confidences stand until it has seen enough', () => {
    const calibrator = new Calibrator({ minOutcomes: 3 })
    for (let i = 0; i < 3; i++) {
      expect(calibrator.isReady).toBe(false)
      expect(calibrator.calibrate(0.83)).toBe(0.83)
      calibrator.record({ confidence: 0.83, observed: false })
    }

    expect(calibrator.isReady).toBe(true)
    expect(calibrator.calibrate(0.83)).toBeLessThan(0.3)
  })

  test('is no surer after n outcomes all alike than the rule of succession', () => {
    const sure = new Calibrator()
    for (let i = 0; i < 28; i++) sure.record({ confidence: 0.9, observed: true })

    expect(sure.calibrate(0.9)).toBe(29 / 30)
    expect(sure.calibrate(1)).toBe(29 / 30)
  })

  test('claims no more than in proportion below all that it has seen', () => {
    const steady = new Calibrator()
    for (let i = 0; i < 100; i++) steady.record({ confidence: 0.96, observed: true })
    const known = steady.calibrate(0.96)

    for (const confidence of [0.9, 0.8, 0.5, 0.2, 0]) {
      const share = confidence / 0.96
      expect(steady.calibrate(confidence)).toBeGreaterThanOrEqual(known * share)
      expect(steady.calibrate(confidence)).toBeLessThan(known * share + 0.01)
    }
  })

  test('follows a change once its window has passed', () => {
    const calibrator = new Calibrator({ capacity: 50 })
    for (let i = 0; i < 500; i++) calibrator.record({ confidence: 0.9, observed: true })
    for (let i = 0; i < 50; i++) calibrator.record({ confidence: 0.9, observed: false })

    expect(calibrator.size).toBe(50)
    expect(calibrator.calibrate(0.9)).toBeLessThan(0.05)
  })

  test.each([
    ['a confidence in percent', { confidence: 85, observed: true }],
    ['a confidence that is NaN', { confidence: Number.NaN, observed: true }],
    ['an observation above 1', { confidence: 0.5, observed: 2 }],
    ['no observation', { confidence: 0.5 }],
    ['nothing', undefined],
  ])('refuses, and is unchanged by, %s', (_, bad) => {
    const calibrator = new Calibrator()

    expect(() => calibrator.record(loosely(bad))).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OUTCOME' }),
    )

    expect(calibrator.size).toBe(0)
  })

  test.each([
    [{ minOutcomes: 0 }],
    [{ priorStrength: -1 }],
    [{ priorStrength: Number.NaN }],
    [{ capacity: 0 }],
    [{ capacity: 1e12 }],
  ])('is not made with %o', (options) => {
    expect(() => new Calibrator(options)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OPTION' }),
    )
  })

  test.each([
    ['outcomes that are no pairs', { outcomes: [[0.5]] }],
    ['an outcome out of range', { outcomes: [[0.5, 7]] }],
    ['no outcomes', { outcomes: null }],
    ['an option of the wrong type', { capacity: '40' }],
    ['an option out of range', { capacity: 0 }],
  ])('is not read from a document with %s', (_, damage) => {
    const document = { ...new Calibrator().toJSON(), ...damage }

    expect(() => Calibrator.fromJSON(document)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_DOCUMENT' }),
    )
  })
})

function makeOutcomes(
  count: number,
  truth: (confidence: number) => number,
  random: () => number,
): ConfidenceOutcome[] {
  return Array.from({ length: count }, () => {
    const confidence = random()
    return { confidence, observed: random() < truth(confidence) }
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

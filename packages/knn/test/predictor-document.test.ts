import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor, type KnnPredictorOptions } from '../src/index.ts'

const all = { confidenceThreshold: 0 }

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const vector = fc.array(unit, { minLength: 3, maxLength: 3 })
const anyWeights = fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), {
  minLength: 3,
  maxLength: 3,
})

describe('a predictor read back from JSON', () => {
  const options = fc.record(
    {
      featureNames: fc.constant(['a', 'b', 'c']),
      k: fc.integer({ min: 1, max: 12 }),
      minSamples: fc.integer({ min: 1, max: 4 }),
      epsilon: fc.double({ min: 1e-6, max: 2, noNaN: true }),
      weights: anyWeights,
      search: fc.constantFrom('auto' as const, 'scan' as const, 'forest' as const),
    },
    { requiredKeys: [] },
  )
  const target = fc.record(
    {
      scale: fc.constantFrom('linear' as const, 'log' as const),
      integer: fc.boolean(),
      min: fc.integer({ min: -5, max: 5 }),
    },
    { requiredKeys: [] },
  )
  const sample = fc.record({
    features: vector,
    targets: fc.record({
      p: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      q: fc.integer({ min: 1, max: 100 }),
    }),
    weight: fc.constantFrom(undefined, 1, 2.5),
    group: fc.constantFrom(undefined, 'g', 'h'),
  })

  test('predicts, knows and writes the same, over all options', () => {
    fc.assert(
      fc.property(
        options,
        fc.record({ p: target, q: target }),
        fc.array(sample, { maxLength: 30 }),
        vector,
        (rest, targets, samples, query) => {
          const settings: KnnPredictorOptions<'p' | 'q'> = { dimensions: 3, targets, ...rest }
          const predictor = new KnnPredictor(settings).addAll(samples)
          const text = JSON.stringify(predictor)

          const again = KnnPredictor.fromJSON(text, ['p', 'q'])

          expect(again.predict(query, all)).toEqual(predictor.predict(query, all))
          expect([...again.samples()]).toEqual([...predictor.samples()])
          expect(again.featureImportance()).toEqual(predictor.featureImportance())
          expect(JSON.stringify(again)).toBe(text)
        },
      ),
    )
  })
})

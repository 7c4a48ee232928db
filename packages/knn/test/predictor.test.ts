import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor, type NeighborSearch, type Sample } from '../src/index.ts'
import { createTestRandom } from './random.ts'

const all = { confidenceThreshold: 0 }

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const vector = fc.array(unit, { minLength: 3, maxLength: 3 })

describe('a predictor', () => {
  test('says the same whichever index it searches, whatever it went through', () => {
    const [auto, scan, forest] = [
      makeEventful('auto'),
      makeEventful('scan'),
      makeEventful('forest'),
    ]
    const random = createTestRandom(10)

    for (let i = 0; i < 50; i++) {
      const query = [random(), Math.round(4 * random()) / 4, 0.5]
      const expected = scan.predict(query, all)
      expect(auto.predict(query, all)).toEqual(expected)
      expect(forest.predict(query, all)).toEqual(expected)
    }
  })

  test('keeps features and targets together whichever of the features weigh nothing', () => {
    const samples = Array.from({ length: 600 }, (_, i) => ({
      features: [i % 4, i],
      targets: { y: i },
    }))
    const options = { dimensions: 2, targets: { y: {} }, weights: [1, 0] }
    const predictor = new KnnPredictor(options).addAll(samples)

    const neighbors = predictor.nearest([0, 0], 2)

    expect(neighbors.map(({ features }) => Array.from(features))).toEqual([
      [0, 0],
      [0, 4],
    ])
    const stored = Array.from(predictor.samples(), ({ features, targets }) => ({
      features: Array.from(features),
      targets: { ...targets },
    }))
    expect(stored).toEqual(samples)
  })

  test('learns an iterable as it learns one sample after another', () => {
    const samples = Array.from({ length: 700 }, (_, i) => ({
      features: [(i * 37) % 100, i % 7],
      targets: { y: i },
    }))
    const options = { dimensions: 2, targets: { y: {} } }
    const single = new KnnPredictor(options)
    for (const sample of samples) single.add(sample)

    const bulk = new KnnPredictor(options).addAll(samples.values())

    expect(bulk.toJSON()).toEqual(single.toJSON())
    expect(bulk.nearest([50, 3], 20)).toEqual(single.nearest([50, 3], 20))
  })

  test('learns nothing of an iterable with one sample that is not valid', () => {
    const predictor = makeLine(3)
    const before = JSON.stringify(predictor)
    const samples = [
      { features: [0.1], targets: { y: 1 } },
      { features: [Number.NaN], targets: { y: 1 } },
    ]

    expect(() => predictor.addAll(samples)).toThrow(/feature 0/)
    expect(() => predictor.addAll(failAfterOne())).toThrow('source failed')

    expect(JSON.stringify(predictor)).toBe(before)
  })

  test('after a removal is as if the removed had never come', () => {
    const sample = fc.record({
      features: vector,
      y: fc.integer({ min: 1, max: 50 }),
      kept: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), vector, (samples, query) => {
        const options = { dimensions: 3, targets: { y: {} } }
        const predictor = new KnnPredictor(options)
        const never = new KnnPredictor(options)
        for (const { features, y, kept } of samples) {
          predictor.add({ features, targets: { y }, group: kept ? 'kept' : 'removed' })
          if (kept) never.add({ features, targets: { y }, group: 'kept' })
        }

        const removed = predictor.removeWhere(({ group }) => group === 'removed')

        expect(removed).toBe(samples.length - never.size)
        expect(predictor.predict(query, all)).toEqual(never.predict(query, all))
        expect([...predictor.samples()]).toEqual([...never.samples()])
      }),
    )
  })

  test('is unchanged by a removal whose predicate throws', () => {
    const predictor = makeLine(4)

    expect(() => predictor.removeWhere(failAtTwo)).toThrow('no')
    expect(predictor.size).toBe(4)
  })

  test('keeps its own copies of what it is made of and given', () => {
    const weights = [1, 1]
    const features = [0.5, 0.5]
    const featureNames = ['a', 'b']
    const predictor = new KnnPredictor({ dimensions: 2, targets: { y: {} }, weights, featureNames })
    predictor.add({ features, targets: { y: 2 } })

    weights.fill(9)
    features.fill(9)
    featureNames.fill('x')

    expect(predictor.nearest([0.5, 0.5])[0]?.distance).toBe(0)
    expect(predictor.toJSON().options).toMatchObject({ weights: [1, 1], featureNames: ['a', 'b'] })
  })

  test('takes names that mean something to JavaScript', () => {
    const targets: Record<string, object> = JSON.parse('{"__proto__":{},"constructor":{}}')
    const predictor = new KnnPredictor({ dimensions: 1, targets, minSamples: 1 })
    const values: Record<string, number> = JSON.parse('{"__proto__":3,"constructor":4}')
    predictor.add({ features: [0], targets: values })

    const again = KnnPredictor.fromJSON(JSON.stringify(predictor))

    expect(Object.entries(again.predict([0], all)!.targets)).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ])
    expect(() => predictor.add({ features: [0], targets: {} })).toThrow(/__proto__/)
  })
})

function makeLine(count: number): KnnPredictor<'y'> {
  const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
  for (let i = 0; i < count; i++) predictor.add({ features: [i / count], targets: { y: i + 1 } })
  return predictor
}

/** Samples of few distinct features, of which a third was removed again. */
function makeEventful(search: NeighborSearch): KnnPredictor<'y'> {
  const random = createTestRandom(9)
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 3, targets, search })
  for (let i = 0; i < 1300; i++) {
    const features = [random(), Math.round(4 * random()) / 4, 0.5]
    predictor.add({ features, targets: { y: random() } })
  }
  predictor.removeWhere((_, index) => index % 3 === 0)
  return predictor
}

function* failAfterOne(): Generator<Sample<'y'>> {
  yield { features: [0.1], targets: { y: 1 } }
  throw new Error('source failed')
}

function failAtTwo(_: unknown, index: number): boolean {
  if (index === 2) throw new Error('no')
  return true
}

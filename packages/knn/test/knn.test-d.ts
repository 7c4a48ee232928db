import { describe, expectTypeOf, test } from 'vitest'

import {
  type Accuracy,
  AccuracyTracker,
  type Interval,
  ConformalCalibrator,
  type KnnError,
  type KnnOptionError,
  KnnPredictor,
  type Neighbor,
  type Prediction,
  type Sample,
} from '@amorsize/knn'

describe('the types', () => {
  const predictor = new KnnPredictor({
    dimensions: 2,
    targets: { nJobs: {}, chunkSize: { scale: 'log' } },
  })
  type Name = 'nJobs' | 'chunkSize'

  test('take the names of the targets from the options', () => {
    expectTypeOf(predictor).toEqualTypeOf<KnnPredictor<Name>>()
    expectTypeOf(predictor.predict([0, 0])).toEqualTypeOf<Prediction<Name> | undefined>()
    expectTypeOf(predictor.nearest([0, 0])).toEqualTypeOf<Neighbor<Name>[]>()
    expectTypeOf(predictor.predict([0, 0])!.targets.nJobs).toEqualTypeOf<number>()
  })

  test('ask every sample for every target', () => {
    const targets = { nJobs: 2, chunkSize: 10 }
    expectTypeOf(predictor.add({ features: [0, 0], targets })).toEqualTypeOf(predictor)
    expectTypeOf<Sample<Name>['targets']>().toEqualTypeOf<Readonly<Record<Name, number>>>()
    // @ts-expect-error chunkSize is missing
    predictor.add({ features: [0, 0], targets: { nJobs: 2 } })
    // @ts-expect-error a target that was not declared
    expectTypeOf(predictor.predict([0, 0])!.targets.speedup).toBeNumber()
  })

  test('take any list of numbers, and samples as the predictor gives them back', () => {
    type Predict = KnnPredictor<Name>['predict']
    expectTypeOf<Parameters<Predict>[0]>().toEqualTypeOf<ArrayLike<number>>()
    expectTypeOf<Neighbor<Name>>().toExtend<Sample<Name>>()
    expectTypeOf(predictor.addAll(predictor.samples())).toEqualTypeOf(predictor)
  })

  test('name the targets of a document where the reader does', () => {
    expectTypeOf(KnnPredictor.fromJSON('', ['y'])).toEqualTypeOf<KnnPredictor<'y'>>()
    expectTypeOf(KnnPredictor.fromJSON('')).toEqualTypeOf<KnnPredictor>()
  })

  test('know the errors by their codes', () => {
    expectTypeOf<KnnOptionError['code']>().toEqualTypeOf<'AMORSIZE_KNN_INVALID_OPTION'>()
    expectTypeOf<KnnOptionError>().toExtend<KnnError>()
  })

  test('keep the names of what was tracked, and admit that an interval may be missing', () => {
    const tracker = new AccuracyTracker()
    const outcome = { predicted: { a: 1 }, actual: { a: 1 } }
    expectTypeOf(tracker.record(outcome)).toEqualTypeOf<Accuracy<'a'>>()
    expectTypeOf(new ConformalCalibrator().interval(1)).toEqualTypeOf<Interval | undefined>()
  })
})

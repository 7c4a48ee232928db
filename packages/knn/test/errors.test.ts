import { describe, expect, test } from 'vitest'

import * as knn from '../src/index.ts'
import { loosely } from './loosely.ts'

const { AccuracyTracker, Calibrator, ConformalCalibrator, KnnPredictor } = knn

function makePredictor(): knn.KnnPredictor<'a' | 'b'> {
  const targets = { a: {}, b: { scale: 'log' } } as const
  const predictor = new KnnPredictor({ dimensions: 2, targets, minSamples: 1 })
  return predictor.add({ features: [0.5, 0.5], targets: { a: 1, b: 2 } })
}

function makeDocument(): Record<string, unknown> & { options: object; samples: object } {
  return JSON.parse(JSON.stringify(makePredictor()))
}

const targets = { a: 1, b: 2 }
const two = [0.5, 0.5]

type Case = readonly [what: string, code: string, act: (predictor: knn.KnnPredictor) => unknown]

const badSamples: readonly Case[] = [
  ['NaN as a feature', 'INVALID_VECTOR', (p) => p.add({ features: [0, Number.NaN], targets })],
  ['an infinite feature', 'INVALID_VECTOR', (p) => p.add({ features: [Infinity, 0], targets })],
  [
    'a feature too large to square',
    'INVALID_VECTOR',
    (p) => p.add({ features: [1e200, 0], targets }),
  ],
  ['a text as features', 'INVALID_VECTOR', (p) => p.add({ features: loosely('ab'), targets })],
  [
    'a hole in the features',
    'INVALID_VECTOR',
    (p) => p.add({ features: [0, loosely(null)], targets }),
  ],
  ['too few features', 'DIMENSION_MISMATCH', (p) => p.add({ features: [0], targets })],
  ['too many features', 'DIMENSION_MISMATCH', (p) => p.add({ features: [0, 0, 0], targets })],
  [
    'an unknown target',
    'UNKNOWN_TARGET',
    (p) => p.add({ features: two, targets: { ...targets, c: 1 } }),
  ],
  ['a missing target', 'INVALID_TARGET', (p) => p.add({ features: two, targets: { a: 1 } })],
  [
    'NaN as a target',
    'INVALID_TARGET',
    (p) => p.add({ features: two, targets: { a: Number.NaN, b: 1 } }),
  ],
  [
    '0 for a log target',
    'INVALID_TARGET',
    (p) => p.add({ features: two, targets: { a: 1, b: 0 } }),
  ],
  ['no targets', 'INVALID_TARGET', (p) => p.add({ features: two, targets: loosely(null) })],
  ['no sample', 'INVALID_SAMPLE', (p) => p.add(loosely(undefined))],
  ['a weight of 0', 'INVALID_SAMPLE', (p) => p.add({ features: two, targets, weight: 0 })],
  ['a negative weight', 'INVALID_SAMPLE', (p) => p.add({ features: two, targets, weight: -1 })],
  [
    'NaN as a weight',
    'INVALID_SAMPLE',
    (p) => p.add({ features: two, targets, weight: Number.NaN }),
  ],
  [
    'a number as a group',
    'INVALID_SAMPLE',
    (p) => p.add({ features: two, targets, group: loosely(7) }),
  ],
]

const badQueries: readonly Case[] = [
  ['a query of another length', 'DIMENSION_MISMATCH', (p) => p.predict([0])],
  ['NaN in a query', 'INVALID_VECTOR', (p) => p.nearest([0, Number.NaN])],
  ['k of 0', 'INVALID_OPTION', (p) => p.nearest(two, 0)],
  ['k of 1.5', 'INVALID_OPTION', (p) => p.nearest(two, 1.5)],
  ['k of NaN', 'INVALID_OPTION', (p) => p.nearest(two, Number.NaN)],
  ['a threshold above 1', 'INVALID_OPTION', (p) => p.predict(two, { confidenceThreshold: 70 })],
  [
    'a threshold of NaN',
    'INVALID_OPTION',
    (p) => p.predict(two, { confidenceThreshold: Number.NaN }),
  ],
  ['null as options of a prediction', 'INVALID_OPTION', (p) => p.predict(two, loosely(null))],
  ['null as options of tuning', 'INVALID_OPTION', (p) => p.tune(loosely(null))],
  [
    'null as options of importance',
    'INVALID_OPTION',
    (p) => p.permutationImportance(loosely(null)),
  ],
  ['no k to tune', 'INVALID_OPTION', (p) => p.tune({ ks: [] })],
  ['k of 0 to tune', 'INVALID_OPTION', (p) => p.tune({ ks: [3, 0] })],
  ['a seed of -1', 'INVALID_OPTION', (p) => p.tune({ seed: -1 })],
  ['no queries to tune by', 'INVALID_OPTION', (p) => p.tune({ maxQueries: 0 })],
  ['no repeats', 'INVALID_OPTION', (p) => p.permutationImportance({ repeats: 0 })],
  ['a broken seed', 'INVALID_OPTION', (p) => p.permutationImportance({ seed: 0.5 })],
]

describe('a predictor refuses, and is unchanged by,', () => {
  test.each([...badSamples, ...badQueries])('%s', (_, code, act) => {
    const predictor = makePredictor()
    const before = JSON.stringify(predictor)

    expect(codeOf(() => act(loosely(predictor)))).toBe(`AMORSIZE_KNN_${code}`)

    expect(JSON.stringify(predictor)).toBe(before)
  })
})

describe('no predictor is made of', () => {
  const valid = { dimensions: 2, targets: { a: {} } }
  const badOptions: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['no dimensions', { targets: { a: {} } }],
    ['0 dimensions', { ...valid, dimensions: 0 }],
    ['a fraction of dimensions', { ...valid, dimensions: 1.5 }],
    ['no targets', { ...valid, targets: {} }],
    ['a target without options', { ...valid, targets: { a: null } }],
    ['an unknown scale', { ...valid, targets: { a: { scale: 'cubic' } } }],
    ['a text for integer', { ...valid, targets: { a: { integer: 'no' } } }],
    ['a broken least whole number', { ...valid, targets: { a: { min: 0.5 } } }],
    ['an infinite minimum', { ...valid, targets: { a: { integer: false, min: -Infinity } } }],
    ['k of 0', { ...valid, k: 0 }],
    ['k of null', { ...valid, k: null }],
    ['a negative minimum of samples', { ...valid, minSamples: -1 }],
    ['an epsilon of 0', { ...valid, epsilon: 0 }],
    ['too few weights', { ...valid, weights: [1] }],
    ['a negative weight', { ...valid, weights: [1, -1] }],
    ['weights that are all 0', { ...valid, weights: [0, 0] }],
    ['weights of endless length', { ...valid, weights: { length: 1e15 } }],
    ['too few names', { ...valid, featureNames: ['x'] }],
    ['the same name twice', { ...valid, featureNames: ['x', 'x'] }],
    ['an unknown search', { ...valid, search: 'tree' }],
  ]
  test.each(badOptions)('%s', (_, options) => {
    expect(codeOf(() => new KnnPredictor(loosely(options)))).toBe('AMORSIZE_KNN_INVALID_OPTION')
  })
})

describe('no predictor is read from', () => {
  const document = makeDocument()
  const documents: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['a number', 7],
    ['an empty text', ''],
    ['a truncated text', JSON.stringify(document).slice(0, -20)],
    ['another kind of document', JSON.stringify(new Calibrator())],
    ['a version that is no number', { ...document, version: '1' }],
    ['a version before the first', { ...document, version: 0 }],
    ['no options', { ...document, options: undefined }],
    ['options out of range', { ...document, options: { ...document.options, k: 0 } }],
    ['no samples', { ...document, samples: undefined }],
    ['a wrong count', { ...document, samples: { ...document.samples, count: 2 } }],
    ['an endless count', { ...document, samples: { ...document.samples, count: 1e300 } }],
    [
      'features that are missing',
      { ...document, samples: { ...document.samples, features: [0.5] } },
    ],
    [
      'features that are no numbers',
      { ...document, samples: { ...document.samples, features: [0, null] } },
    ],
    [
      'a target that is missing',
      { ...document, samples: { ...document.samples, targets: { a: [1] } } },
    ],
    ['weights of another length', { ...document, samples: { ...document.samples, weights: [] } }],
    ['groups that are numbers', { ...document, samples: { ...document.samples, groups: [3] } }],
  ]
  test.each(documents)('%s', (_, damaged) => {
    expect(codeOf(() => KnnPredictor.fromJSON(damaged))).toBe('AMORSIZE_KNN_INVALID_DOCUMENT')
  })

  test('a document of other targets than those relied on', () => {
    const code = 'AMORSIZE_KNN_INVALID_DOCUMENT'
    expect(codeOf(() => KnnPredictor.fromJSON(document, ['a']))).toBe(code)
    expect(codeOf(() => KnnPredictor.fromJSON(document, ['a', 'c']))).toBe(code)
  })

  test('every prefix of a document', () => {
    const text = JSON.stringify(document)
    for (let length = 0; length < text.length; length++) {
      const code = codeOf(() => KnnPredictor.fromJSON(text.slice(0, length)))
      expect(code).toBe('AMORSIZE_KNN_INVALID_DOCUMENT')
    }
  })

  test.each([
    ['predictor', KnnPredictor, makeDocument()],
    ['tracker', AccuracyTracker, new AccuracyTracker().toJSON()],
    ['calibrator', Calibrator, new Calibrator().toJSON()],
    ['conformal calibrator', ConformalCalibrator, new ConformalCalibrator().toJSON()],
  ])('a %s of a later version', (_, reader, current) => {
    const code = codeOf(() => reader.fromJSON({ ...current, version: 2 }))
    expect(code).toBe('AMORSIZE_KNN_UNSUPPORTED_VERSION')
  })
})

describe('an error', () => {
  test('says what was expected, what came and what to do, and keeps the value', () => {
    const error = catchError(() => makePredictor().nearest(two, 0))

    expect(error).toBeInstanceOf(knn.KnnOptionError)
    expect(error).toMatchObject({
      name: 'KnnOptionError',
      value: 0,
      remedy: 'Pass such an integer as `k`.',
      message:
        'Expected `k` to be an integer from 1 to 4294967295, got 0 (number). ' +
        'Pass such an integer as `k`.',
    })
  })

  test('about a document names the reason as its cause', () => {
    const broken = catchError(() => KnnPredictor.fromJSON('{'))
    const document = makeDocument()
    const invalid = catchError(() =>
      KnnPredictor.fromJSON({ ...document, options: { ...document.options, k: 0 } }),
    )

    expect(broken.cause).toBeInstanceOf(SyntaxError)
    expect(invalid.cause).toBeInstanceOf(knn.KnnOptionError)
  })

  test.each([
    [undefined, 'got undefined.'],
    [null, 'got null.'],
    [new Date(0), 'got an object (Date).'],
    ['a'.repeat(500), `got "${'a'.repeat(60)}…" (string).`],
    [true, 'got boolean.'],
    [Symbol('s'), 'got symbol.'],
    [10n, 'got bigint.'],
  ])('shows the value %s briefly', (value, shown) => {
    const error = catchError(() => makePredictor().add({ features: loosely(value), targets }))

    expect(error.message).toContain(shown)
    expect(error.value).toBe(value)
  })

  test('has a code of its own, with the prefix of the package', () => {
    const classes = Object.entries(knn).filter(
      ([name, value]) => name !== 'KnnError' && value.prototype instanceof knn.KnnError,
    )
    const codes = classes.map(([, value]) => Reflect.construct(value, ['x', 1, 'y']).code)

    expect(classes.length).toBeGreaterThan(5)
    expect(new Set(codes).size).toBe(classes.length)
    for (const code of codes) expect(code).toMatch(/^AMORSIZE_KNN_[A-Z_]+$/)
  })
})

function catchError(act: () => unknown): knn.KnnError {
  try {
    act()
  } catch (error) {
    if (error instanceof knn.KnnError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function codeOf(act: () => unknown): string {
  return catchError(act).code
}

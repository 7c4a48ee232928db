import { expect, test } from 'vitest'

import { gainOf } from '../src/candidates/gain.ts'
import { gradientBoosting, nearestFunctions, randomForest } from '../src/candidates/learners.ts'
import { randomOf } from '../src/learning/random.ts'

const random = randomOf('learners')
const rows = Array.from({ length: 400 }, (_, index) => {
  const features = [random(), random(), random()]
  const y = 10 + Math.sin(4 * features[0]!) + features[1]! * features[2]!
  return { features, group: `f${index}`, targets: index % 3 === 0 ? {} : { y } }
})
const asked = Array.from({ length: 100 }, () => [random(), random(), random()])
const truth = asked.map(([a, b, c]) => 10 + Math.sin(4 * a!) + b! * c!)

test.each([
  ['k-NN', nearestFunctions],
  ['random forest', randomForest],
  ['gradient boosting', gradientBoosting],
])('%s learns a function of its features from rows that measured it', (_, learner) => {
  const told = learner(rows, ['y'], asked)

  const squares = told.map(({ y }, place) => (y - truth[place]!) ** 2)

  // The variance of what is told is 0.4.
  expect(squares.reduce((sum, square) => sum + square, 0) / squares.length).toBeLessThan(0.1)
})

test('a function counts once to k-NN, however often it ran', () => {
  const twice = (group: string, x: number, y: number) =>
    Array.from({ length: 9 }, () => ({ features: [x], group, targets: { y } }))
  const rowsOfTwo = [...twice('a', 0, 1), ...twice('b', 0.02, 3)]

  const [told] = nearestFunctions(rowsOfTwo, ['y'], [[0.01]])

  expect(told!.y).toBeCloseTo(2)
})

test('a gain is the mean of the functions, not of their runs', () => {
  const answer = (functionSignature: string, regret: number) =>
    ({ run: { sample: { functionSignature } }, regret }) as never
  const base = [answer('a', Math.E), answer('a', Math.E), answer('b', 1)]
  const better = [answer('a', 1), answer('a', 1), answer('b', 1)]

  expect(gainOf(better, base).mean).toBeCloseTo(0.5)
  expect(gainOf(better, base).standardError).toBeCloseTo(0.5)
})

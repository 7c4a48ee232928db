import { describe, expect, test } from 'vitest'

import { KdForest } from '../src/kd-forest.ts'
import { NeighborHeap } from '../src/neighbor-heap.ts'
import { runNeighborIndexSuite } from './neighbor-index.conformance.ts'
import { createTestRandom } from './random.ts'

runNeighborIndexSuite((weights) => new KdForest(weights))

/** Mean share of the distances that a scan would evaluate. */
function measureShare(
  dimensions: number,
  count: number,
  makeVector: () => readonly number[],
  addOneByOne = false,
): number {
  const index = new KdForest(new Float64Array(dimensions).fill(1))
  const vectors = Array.from({ length: count }, makeVector)
  if (addOneByOne) for (const vector of vectors) index.append(Float64Array.from(vector))
  else index.append(Float64Array.from(vectors.flat()))

  let evaluated = 0
  const queries = 50
  for (let i = 0; i < queries; i++) {
    evaluated += index.search(Float64Array.from(makeVector()), new NeighborHeap(5))
  }
  return evaluated / queries / count
}

describe('a forest of 20,000 vectors', () => {
  test('compares a query with less than a hundredth of them, evenly spread in 3 dimensions', () => {
    const random = createTestRandom(1)

    const share = measureShare(3, 20_000, () => [random(), random(), random()])

    expect(share).toBeLessThan(0.01)
  })

  test('compares it with less than a tenth of them, evenly spread in 8 dimensions', () => {
    const random = createTestRandom(2)

    const share = measureShare(8, 20_000, () => Array.from({ length: 8 }, random))

    expect(share).toBeLessThan(0.1)
  })

  test('prunes as well when they were added one by one', () => {
    const random = createTestRandom(3)
    const makeVector = (): number[] => [random(), random(), Math.round(3 * random()), 0.5]

    const share = measureShare(4, 20_000, makeVector, true)

    expect(share).toBeLessThan(0.02)
  })

  test('compares it with one of them where all are the same', () => {
    const share = measureShare(4, 20_000, () => [0.1, 0.2, 0.3, 0.4])

    expect(share).toBeLessThan(0.01)
  })

  test('prunes where nine in ten are the same', () => {
    const random = createTestRandom(4)
    const makeVector = (): number[] =>
      random() < 0.9 ? [0.5, 0.5, 0.5] : [random(), random(), random()]

    const share = measureShare(3, 20_000, makeVector)

    expect(share).toBeLessThan(0.01)
  })

  test('prunes as well when they came in ever smaller batches', () => {
    const random = createTestRandom(5)
    const index = new KdForest(new Float64Array(2).fill(1))
    for (let batch = 300; batch >= 128; batch--) {
      index.append(Float64Array.from({ length: 2 * batch }, random))
    }

    const evaluated = index.search(Float64Array.of(0.5, 0.5), new NeighborHeap(5))

    expect(index.size).toBeGreaterThan(30_000)
    expect(evaluated).toBeLessThan(1000)
  })
})

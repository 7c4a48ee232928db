import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { NeighborHeap } from '../src/neighbor-heap.ts'
import type { NeighborIndex } from '../src/neighbor-index.ts'
import { createTestRandom } from './random.ts'
import { nearestBySorting } from './reference/nearest.ts'

type Vector = readonly number[]

/** Ways to lay out vectors that have broken an index somewhere: `count` vectors of 4 dimensions. */
const layouts: Record<string, (random: () => number, i: number) => number[]> = {
  'evenly spread': (random) => [random(), random(), random(), random()],
  clustered: (random, i) => Array.from({ length: 4 }, () => (i % 7) / 7 + 0.001 * random()),
  'on a coarse grid': (random) => Array.from({ length: 4 }, () => Math.floor(3 * random())),
  'mostly constant in three dimensions': (random) => [
    random() < 0.02 ? random() : 0,
    0.5,
    1,
    random(),
  ],
  'all the same': () => [0.25, 0.5, 0.5, 1],
  'mostly one vector': (random, i) => (i % 10 === 0 ? [random(), random(), 0, 1] : [0, 0, 0, 1]),
  'on a line in falling order': (_, i) => [-i, -i, -i, -i],
  'of very different magnitude': (random) => [1e90 * random(), 1e-90 * random(), random(), 0],
  'closer than a square can tell': (random) => [1e-170 * Math.floor(9 * random()), 0, 0, 1e-155],
}

/** What every index must do; an implementation's own test calls this. */
export function runNeighborIndexSuite(create: (weights: Float64Array) => NeighborIndex): void {
  describe.each(Object.entries(layouts))('vectors %s', (_, layout) => {
    test.each([[1], [5], [40]])('are ranked as sorting all of them ranks them, k = %i', (k) => {
      const random = createTestRandom(k)
      const vectors = Array.from({ length: 1500 }, (_unused, i) => layout(random, i))
      const weights = [1, 2, 0.5, 1]
      const index = create(Float64Array.from(weights))
      index.append(Float64Array.from(vectors.flat()))

      for (let i = 0; i < 30; i++) {
        const query = i % 2 === 0 ? vectors[i * 40]! : layout(random, i)
        expect(search(index, query, k)).toEqual(nearestBySorting(vectors, query, weights, k))
      }
    })
  })

  test('ranks as sorting does while vectors keep coming, one by one and many at once', () => {
    const random = createTestRandom(3)
    const index = create(Float64Array.of(1, 1))
    const vectors: Vector[] = []
    for (let step = 0; step < 120; step++) {
      const count = step % 10 === 0 ? 97 : 1
      const added = Array.from({ length: count }, () => [random(), Math.round(4 * random())])
      vectors.push(...added)
      index.append(Float64Array.from(added.flat()))

      const query = [random(), Math.round(4 * random())]

      expect(index.size).toBe(vectors.length)
      expect(search(index, query, 6)).toEqual(nearestBySorting(vectors, query, [1, 1], 6))
    }
  })

  test('ranks as sorting does whatever the vectors, the weights, the query and k', () => {
    const coordinate = fc.oneof(
      fc.constantFrom(-1, 0, 0.5, 1),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    )
    const vector = fc.array(coordinate, { minLength: 3, maxLength: 3 })
    const weight = fc.constantFrom(0, 0.3, 1, 1, 7)
    const anyWeights = fc
      .array(weight, { minLength: 3, maxLength: 3 })
      .filter((weights) => weights.some((w) => w > 0))
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 1, maxLength: 200, size: 'max' }),
        anyWeights,
        vector,
        fc.integer({ min: 1, max: 12 }),
        (vectors, weights, query, k) => {
          const index = create(Float64Array.from(weights))
          index.append(Float64Array.from(vectors.flat()))

          const found = search(index, query, k)

          expect(found).toEqual(nearestBySorting(vectors, query, weights, k))
        },
      ),
    )
  })

  test('passes over the vectors that the heap does not accept', () => {
    const random = createTestRandom(11)
    const vectors = Array.from({ length: 900 }, () => [Math.floor(3 * random()), 0.5])
    const index = create(Float64Array.of(1, 1))
    index.append(Float64Array.from(vectors.flat()))

    for (const query of [
      [0, 0.5],
      [1, 0],
      [2.4, 2],
    ]) {
      const expected = nearestBySorting(vectors, query, [1, 1], 9, isEven)
      expect(search(index, query, 9, isEven)).toEqual(expected)
    }
  })

  test('gives back every vector as it was, by position and in order', () => {
    const random = createTestRandom(5)
    const vectors = Array.from({ length: 1200 }, () => [random(), random(), random()])
    const index = create(Float64Array.of(1, 1, 1))
    for (const vector of vectors) index.append(Float64Array.from(vector))

    for (let i = 0; i < 50; i++) {
      const heap = new NeighborHeap(1)
      index.search(Float64Array.from(vectors[i * 20]!), heap)
      const into = new Float64Array(4)
      index.readVector(heap.position(0), into, 1)

      expect(heap.id(0)).toBe(i * 20)
      expect(Array.from(into)).toEqual([0, ...vectors[i * 20]!])
    }
    expect(Array.from(index.toRows())).toEqual(vectors.flat())
  })

  test('gives back the vectors found, also where they differ only along axes of weight 0', () => {
    const random = createTestRandom(7)
    const vectors = Array.from({ length: 1200 }, (_, i) => [i, i % 4, random()])
    const index = create(Float64Array.of(0, 1, 0))
    for (const vector of vectors) index.append(Float64Array.from(vector))

    for (const value of [0, 1.4, 3, 9]) {
      const heap = new NeighborHeap(40)
      index.search(Float64Array.of(5, value, 0.5), heap)
      for (let rank = 0; rank < heap.size; rank++) {
        const found = new Float64Array(3)
        index.readVector(heap.position(rank), found)

        expect(Array.from(found)).toEqual(vectors[heap.id(rank)])
      }
    }
    expect(Array.from(index.toRows())).toEqual(vectors.flat())
  })

  test('keeps its own copy of what is added', () => {
    const rows = Float64Array.of(1, 2)
    const index = create(Float64Array.of(1))
    index.append(rows)

    rows.fill(9)

    expect(Array.from(index.toRows())).toEqual([1, 2])
  })

  test('finds nothing in an empty index', () => {
    const index = create(Float64Array.of(1, 1))

    expect(search(index, [0, 0], 3)).toEqual([])
    expect(index.size).toBe(0)
    expect(index.toRows()).toHaveLength(0)
  })
}

function isEven(id: number): boolean {
  return id % 2 === 0
}

function search(
  index: NeighborIndex,
  query: Vector,
  k: number,
  accepts?: (id: number) => boolean,
): { id: number; distance: number }[] {
  const heap = new NeighborHeap(k)
  heap.accepts = accepts
  index.search(Float64Array.from(query), heap)
  heap.sort()
  return Array.from({ length: heap.size }, (_, rank) => ({
    id: heap.id(rank),
    distance: heap.distance(rank),
  }))
}

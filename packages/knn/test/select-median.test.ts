import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { selectMedian } from '../src/select-median.ts'

test('the upper median is what sorting puts in the middle', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), (values) => {
      const sorted = Float64Array.from(values).toSorted()

      const median = selectMedian(Float64Array.from(values))

      // `===`, for which 0 and -0 are one value, as for the tree.
      expect(median === sorted[values.length >> 1]).toBe(true)
    }),
  )
})

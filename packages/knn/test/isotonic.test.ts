import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitIsotonic } from '../src/isotonic.ts'
import { isotonicByMinMax } from './reference/isotonic.ts'

test('pooling gives the values of the min-max formula, and never decreases', () => {
  const point = fc.record({
    x: fc.constant(0),
    y: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    weight: fc.constantFrom(0.5, 1, 3),
  })
  fc.assert(
    fc.property(fc.array(point, { maxLength: 15 }), (points) => {
      const fitted = fitIsotonic(points)

      const expected = isotonicByMinMax(points)
      expect(fitted).toHaveLength(points.length)
      for (const [i, value] of fitted.entries()) {
        expect(value).toBeCloseTo(expected[i]!, 9)
        expect(value).toBeGreaterThanOrEqual(fitted[i - 1] ?? 0)
      }
    }),
  )
})

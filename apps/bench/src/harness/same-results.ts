/** Whether a run gave what the plain loop gave: cheap enough for each repetition. */
import { isDeepStrictEqual } from 'node:util'

const COMPARED = 32

/** Compares the number of results and some of them, spread evenly, the last among them. */
export function assertSameResults(
  name: string,
  results: readonly unknown[],
  expected: readonly unknown[],
): void {
  if (results.length !== expected.length) {
    throw new Error(`${name} gave ${results.length} results, not ${expected.length}.`)
  }
  for (let part = 1; part <= COMPARED; part++) {
    const index = Math.ceil((part / COMPARED) * expected.length) - 1
    if (index < 0 || isDeepStrictEqual(results[index], expected[index])) continue
    throw new Error(`${name} gave another result of item ${index} than the plain loop.`)
  }
}

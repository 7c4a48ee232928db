/** A reproducible source of numbers in 0 .. 1: the MINSTD generator of Park and Miller, CACM 1988. */
export function createTestRandom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return (state - 1) / 2147483646
  }
}

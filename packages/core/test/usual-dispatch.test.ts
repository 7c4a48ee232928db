import { expect, it } from 'vitest'

import { guessDispatch } from '../src/usual-dispatch.ts'

it('a worker thread is handed the memory of large arrays, a process clones them', () => {
  const pairs = Array.from({ length: 3 }, () => [new Float64Array(100_000), 1] as const)
  const ofThread = guessDispatch(pairs)!
  const ofProcess = guessDispatch(pairs, 'child_process')!

  expect(ofThread.workerCloneMs).toBeLessThan(ofThread.cloneMs)
  expect(ofProcess.workerCloneMs).toBe(ofProcess.cloneMs)
  expect(ofProcess.startUpMs).toBeGreaterThan(1.5 * ofThread.startUpMs)
  expect(ofProcess.dispatchMs).toBeGreaterThan(1.5 * ofThread.dispatchMs)
})

it('nothing is guessed of what cannot be cloned, or of nothing', () => {
  expect(guessDispatch([[() => 1, 1]])).toBeUndefined()
  expect(guessDispatch([])).toBeUndefined()
})

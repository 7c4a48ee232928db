/** Costs that tests vary: items of half a millisecond that never wait, and two warm workers. */
import type { Costs, DispatchCosts } from '../src/cost-model.ts'

export const DISPATCH: DispatchCosts = {
  dispatchMs: 0.1,
  mainDispatchMs: 0.02,
  cloneMs: 0.001,
  startUpMs: 50,
  warmWorkers: 2,
}

export const COSTS: Costs = {
  itemCount: 1000,
  mainItemTimeMs: 0.5,
  workerItemTimeMs: 0.5,
  coefficientOfVariation: 0,
  waitShare: 0,
  usableCores: 2,
  contention: 0,
  dispatch: DISPATCH,
}

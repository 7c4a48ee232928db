/** A stream of maps as a program would run them, each decided by a dry run, with what it taught. */
import type { TrainingSample } from '@amorsize/core'

import { dryRun, planByDryRun, sampleOf } from './observe.ts'
import type { DryRun } from './observe.ts'
import { noise, randomOf } from './random.ts'
import { makeWorkload, serialMs } from './workload.ts'
import type { SimulatedPlan, Workload } from './workload.ts'
import type { Machine, SimulatedFunction } from './world.ts'

/** A run of the stream. */
export interface StreamedRun {
  readonly workload: Workload
  /** Which run of its function on its machine it is, from 0. */
  readonly nth: number
  readonly sampled: DryRun
  readonly planned: SimulatedPlan
  readonly sample: TrainingSample
  /** The item time as its caller would guess it, milliseconds. */
  readonly guessedItemTimeMs: number
}

/** How well callers know their item time. */
const GUESS_NOISE = 0.1

const FIRST_MS = 1_700_000_000_000
const MS_BETWEEN = 1000

/** Each function on two of the machines, so many times, the functions in turns. */
export function makeStream(
  functions: readonly SimulatedFunction[],
  machines: readonly Machine[],
  rounds: number,
): StreamedRun[] {
  const runs: StreamedRun[] = []
  for (let nth = 0; nth < rounds; nth++) {
    for (const [place, fn] of functions.entries()) {
      for (const offset of [0, 1]) {
        // There is at least one machine.
        const machine = machines[(place + offset) % machines.length]!
        runs.push(makeRun(makeWorkload(fn, machine, nth), nth, FIRST_MS + runs.length * MS_BETWEEN))
      }
    }
  }
  return runs
}

function makeRun(workload: Workload, nth: number, atMs: number): StreamedRun {
  const { fn, machine, itemTimesMs } = workload
  const random = randomOf(`run ${fn.signature} ${machine.name} ${nth}`)
  const sampled = dryRun(workload, random)
  const planned = planByDryRun(workload, sampled)
  const sample = sampleOf(workload, planned, sampled, atMs, random)
  const meanMs = serialMs(workload) / itemTimesMs.length
  return {
    workload,
    nth,
    sampled,
    planned,
    sample,
    guessedItemTimeMs: meanMs * noise(random, GUESS_NOISE),
  }
}

/** A stream of maps as a program would run them, each decided by a dry run, with what it taught. */
import type { TrainingSample } from '@amorsize/core'

import type { AskedRun } from './asked-run.ts'
import { dryRun, limitsOf, planByDryRun, queryOf, sampleAfter, sampleOf } from './observe.ts'
import type { Prediction } from './observe.ts'
import { noise, randomOf } from './random.ts'
import { bestMs, makeWorkload, runPlan, serialMs } from './workload.ts'
import type { Workload } from './workload.ts'
import type { Machine, SimulatedFunction } from './world.ts'

/** How well callers know their item time. */
const GUESS_NOISE = 0.1

/** A run that may be decided by a prediction in place of the dry run. */
export interface StreamRun extends AskedRun {
  /** What it teaches then. */
  readonly sampleAfter: (prediction: Prediction) => TrainingSample
}

const FIRST_MS = 1_700_000_000_000
const MS_BETWEEN = 1000

/**
 * Each function on two of the machines, so many times, the functions in turns.
 *
 * @param afterMs - How long after the beginning of time the stream begins, milliseconds.
 */
export function makeStream(
  functions: readonly SimulatedFunction[],
  machines: readonly Machine[],
  rounds: number,
  afterMs = 0,
): StreamRun[] {
  const runs: StreamRun[] = []
  for (let nth = 0; nth < rounds; nth++) {
    for (const [place, fn] of functions.entries()) {
      for (const offset of [0, 1]) {
        // There is at least one machine.
        const machine = machines[(place + offset) % machines.length]!
        runs.push(
          makeRun(
            makeWorkload(fn, machine, nth),
            nth,
            FIRST_MS + afterMs + runs.length * MS_BETWEEN,
          ),
        )
      }
    }
  }
  return runs
}

function makeRun(workload: Workload, nth: number, atMs: number): StreamRun {
  const { fn, machine, itemTimesMs } = workload
  const random = randomOf(`run ${fn.signature} ${machine.name} ${nth}`)
  const sampled = dryRun(workload, random)
  const planned = planByDryRun(workload, sampled)
  const sample = sampleOf(workload, planned, sampled, atMs, random)
  const meanMs = serialMs(workload) / itemTimesMs.length
  return {
    sample,
    sampleAfter: (prediction) => sampleAfter(workload, prediction, atMs, random),
    nth,
    planned,
    guessedItemTimeMs: meanMs * noise(random, GUESS_NOISE),
    limits: limitsOf(workload),
    traits: { callDepth: fn.callDepth, importCount: fn.importCount, inputBytes: fn.inputBytes },
    query: (itemTimeMs) => queryOf(workload, itemTimeMs),
    regretOf: (plan) => runPlan(workload, plan).makespanMs / bestMs(workload),
  }
}

/** The first runs by a cached decision, in which calling thread and workers may take turns. */
import { collectYoungGarbage } from '../harness/collect-garbage.ts'
import type { Contender, Decided } from './contender.ts'

/** A decision is settled when so many runs in a row by the cache took no turn. */
const SETTLED_RUNS = 2
const MOST_RUNS = 24

/** Calls `execute()` until its decision is settled; times of the runs that were turns, milliseconds. */
export async function settle(account: NonNullable<Contender['account']>): Promise<number[]> {
  const turnsMs: number[] = []
  let settled = 0
  for (let run = 0; run < MOST_RUNS && settled < SETTLED_RUNS; run++) {
    // As before the runs that are timed.
    collectYoungGarbage()
    const decided = await account()
    settled = isSettled(decided) ? settled + 1 : 0
    if (decided.isTurn) turnsMs.push(decided.makespanMs)
  }
  return turnsMs
}

function isSettled({ source, isTurn }: Decided): boolean {
  return source === 'cache' && !isTurn
}

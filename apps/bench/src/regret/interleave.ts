/** Contenders in turn, in random order, as often as the machine's noise asks for. */
import { setTimeout as wait } from 'node:timers/promises'

import { shuffled } from '../harness/random.ts'
import type { Random } from '../harness/random.ts'
import type { Contender, Decided, Observation, Observe } from './contender.ts'

/** How often. */
export interface Repetitions {
  /** Fewest repetitions. */
  readonly repetitions: number
  /** Short runs are repeated more often, for so long in all, milliseconds. */
  readonly budgetMs: number
  /** Repetitions under foreign load are made up for, for so long in all, milliseconds. */
  readonly longestMs: number
}

type Round = Readonly<Record<string, Observation>>

const MOST_REPETITIONS = 41
/**
 * Each contender is run for so long before it counts, milliseconds, so that compiled code is what is
 * measured: in rounds alone the slowest of them would leave the quickest two runs or three.
 */
const WARM_UP_MS = 100
const FEWEST_WARM_UPS = 2
/** Repetitions under more foreign load than this are made up for. */
const TAINTED_SHARE = 0.25
/** A pause after a disturbed repetition. */
const PAUSE_MS = 50

/** The observations of each contender; the same index is the same repetition. */
export async function interleave(
  contenders: Readonly<Record<string, Contender>>,
  observe: Observe,
  random: Random,
  { repetitions, budgetMs, longestMs }: Repetitions,
): Promise<Record<string, Observation[]>> {
  const names = Object.keys(contenders)
  const runRound = async (): Promise<Round> => {
    const round: Record<string, Observation> = {}
    for (const name of shuffled(names, random)) {
      const contender = contenders[name]!
      const decided = await warm(contender)
      round[name] = { ...(await observe(name, contender)), ...(decided && { decided }) }
    }
    return round
  }
  for (const name of names) await warmUp(contenders[name]!)
  const startedMs = performance.now()
  await runRound()
  const roundMs = performance.now() - startedMs
  const affordable = Math.min(MOST_REPETITIONS, Math.round(budgetMs / roundMs))
  const fewest = Math.max(repetitions, affordable)
  const startMs = performance.now()
  const rounds: Round[] = []
  const calm = (): Round[] => rounds.filter((round) => !isTainted(round))
  const mayGoOn = (): boolean =>
    rounds.length < MOST_REPETITIONS && performance.now() - startMs < longestMs
  while (rounds.length < fewest || (calm().length < repetitions && mayGoOn())) {
    const round = await runRound()
    rounds.push(round)
    if (isTainted(round)) await wait(PAUSE_MS)
  }
  const kept = calm().length >= repetitions ? calm() : rounds
  return Object.fromEntries(names.map((name) => [name, kept.map((round) => round[name]!)]))
}

/**
 * Each is run once right before it is timed. Fixed plans share their code, so that one of them has always
 * just been run; and on a virtual machine memory that was not touched for a tenth of a second is slow at
 * first. What that costs a decision after a pause, `pnpm bench asking` shows.
 */
async function warm({ run, account }: Contender): Promise<Decided | undefined> {
  if (account) return account()
  await run()
  return undefined
}

async function warmUp({ run }: Contender): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS
  for (let turn = 0; turn < FEWEST_WARM_UPS || performance.now() < endMs; turn++) await run()
}

function totalMs(round: Round): number {
  return Object.values(round).reduce((sum, { timeMs }) => sum + timeMs, 0)
}

/** Whether others used the machine in that repetition, weighted by time. */
function isTainted(round: Round): boolean {
  const foreignMs = Object.values(round).reduce(
    (sum, { timeMs, foreignCpuShare }) => sum + timeMs * foreignCpuShare,
    0,
  )
  return foreignMs > TAINTED_SHARE * totalMs(round)
}

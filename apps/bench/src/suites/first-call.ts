/** The very first call of a process, each observation in a process of its own. */
import { median, quantile } from '@amorsize/features'

import type { FirstCall, FirstCallOrder, FirstContender } from '../first-call/measure.ts'
import { waitForCalm } from '../harness/calm.ts'
import { callInChild } from '../harness/child.ts'
import { createRandom, shuffled } from '../harness/random.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { formatRow } from '../harness/table.ts'
import { WORKLOADS } from '../workloads/index.ts'
import type { Workload } from '../workloads/index.ts'

const MEASURE = new URL('../first-call/measure.js', import.meta.url).href
const SEED = 1
const ROUNDS = 5
const QUICK_ROUNDS = 1
const ALLOWED_RATIO = 1.05
const ALLOWED_MS = 0.3

const HEADER = [
  'workload',
  'loop ms',
  'workers',
  'in flight',
  'execute',
  'deciding',
  'plan of execute',
  'execute / best',
]
const WIDTHS = [37, 7, 7, 9, 7, 8, 24, 14]

interface Row {
  readonly name: string
  /** Medians over the processes, milliseconds. */
  readonly timesMs: Readonly<Partial<Record<FirstContender, number>>>
  readonly decidingMs: number
  readonly plans: readonly string[]
  readonly best: FirstContender
  readonly regret: number
}

/** Processes take turns in random order; the best is that of the fixed ways, from cold workers. */
export async function benchFirstCall({
  isQuick,
  only,
  patienceMs,
}: Settings): Promise<SuiteReport> {
  const chosen = WORKLOADS.filter(({ name }) => !only || name.includes(only))
  const random = createRandom(SEED)
  const rows: Row[] = []
  const observations: Record<string, Record<string, FirstCall[]>> = {}
  console.log(formatRow(HEADER, WIDTHS))
  for (const workload of chosen) {
    const seen: Record<string, FirstCall[]> = {}
    await waitForCalm(patienceMs)
    for (let round = 0; round < (isQuick ? QUICK_ROUNDS : ROUNDS); round++) {
      for (const contender of shuffled(contendersOf(workload), random)) {
        const calls = (seen[contender] ??= [])
        const order: FirstCallOrder = { name: workload.name, seed: SEED, contender }
        calls.push(await callInChild<FirstCall>(MEASURE, 'measureFirstCall', order))
      }
    }
    const row = rowOf(workload.name, seen)
    observations[workload.name] = seen
    rows.push(row)
    console.log(formatRow(cellsOf(row), WIDTHS))
  }
  return { findings: findingsOf(rows), details: { rows, observations } }
}

function contendersOf({ isAsync }: Workload): FirstContender[] {
  return ['execute', 'account', 'loop', 'workers', ...(isAsync ? (['in flight'] as const) : [])]
}

function rowOf(name: string, seen: Record<string, FirstCall[]>): Row {
  const timesMs: Partial<Record<FirstContender, number>> = {}
  for (const [contender, calls] of Object.entries(seen)) {
    timesMs[contender as FirstContender] = median(calls.map(({ timeMs }) => timeMs))
  }
  const fixed = (['loop', 'workers', 'in flight'] as const).filter((each) => timesMs[each])
  const best = fixed.reduce((a, b) => (timesMs[b]! < timesMs[a]! ? b : a))
  const executed = seen['account']!
  return {
    name,
    timesMs,
    decidingMs: median(executed.map(({ decisionTimeMs = 0 }) => decisionTimeMs)),
    plans: executed.map(({ plan = '' }) => plan),
    best,
    regret: timesMs.execute! / timesMs[best]!,
  }
}

function cellsOf({ name, timesMs, decidingMs, plans, regret }: Row): string[] {
  const ms = (value: number | undefined): string =>
    value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1)
  const times = [timesMs.loop, timesMs.workers, timesMs['in flight'], timesMs.execute, decidingMs]
  return [name, ...times.map(ms), plans[0]!, regret.toFixed(2)]
}

/** No target of its own: DESIGN's numbers are those of a warm process. */
function findingsOf(rows: readonly Row[]): Finding[] {
  const regrets = rows.map(({ regret }) => regret).toSorted((a, b) => a - b)
  const loopWins = rows.filter(({ best }) => best === 'loop')
  const over = loopWins
    .map(({ name, timesMs }) => {
      const extraMs = timesMs.execute! - ALLOWED_RATIO * timesMs.loop! - ALLOWED_MS
      return { name, extraMs }
    })
    .filter(({ extraMs }) => extraMs > 0)
    .toSorted((a, b) => b.extraMs - a.extraMs)
  return [
    {
      what: `first call / best of loop, cold workers and in flight, ${rows.length} workloads`,
      measured: `median ${quantile(regrets, 0.5).toFixed(2)}, 90th percentile ${quantile(regrets, 0.9).toFixed(2)}, worst ${regrets.at(-1)!.toFixed(2)}`,
    },
    {
      what: `first calls over 1.05 x the loop + 0.3 ms, of ${loopWins.length} workloads where the loop wins`,
      measured: `${over.length}: ${over.map(({ name, extraMs }) => `${name} (+${extraMs.toFixed(1)} ms)`).join('; ')}`,
    },
  ]
}

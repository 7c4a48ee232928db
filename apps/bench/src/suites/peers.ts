/** The other libraries, over the same functions and data, beside `execute()`. */
import { median } from '@amorsize/features'

import { waitForCalm } from '../harness/calm.ts'
import { callInChild } from '../harness/child.ts'
import { intervalOfMedian } from '../harness/paired-ratio.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { formatRow } from '../harness/table.ts'
import { EXECUTE, TUNED } from '../peers/measure.ts'
import type { PeersMeasurement } from '../peers/measure.ts'
import { WORKLOADS } from '../workloads/index.ts'

const MEASURE = new URL('../peers/measure.js', import.meta.url).href
const SEED = 1
const ROUNDS = 7
const QUICK_ROUNDS = 2

/** Within so much of each other two libraries are level. */
const LEVEL = 0.05

const PEERS = [
  TUNED,
  'piscina',
  'tinypool',
  'poolifier mapExecute',
  'workerpool',
  'p-map over piscina',
]
const WIDTHS = [37, 7, 8, ...PEERS.map((peer) => peer.length)]

interface Comparison {
  readonly name: string
  readonly executeMs: number
  readonly chunkSize: number
  /** Time of each library over ours: median of the pairs, and its 95 % interval. */
  readonly ratios: Readonly<Record<string, { value: number; low: number; high: number }>>
}

/** Each workload in a process of its own; above 1 `execute()` is the quicker. */
export async function benchPeers({ isQuick, only, patienceMs }: Settings): Promise<SuiteReport> {
  const chosen = WORKLOADS.filter(({ name }) => !only || name.includes(only))
  const measurements: PeersMeasurement[] = []
  console.log(
    '  time of each library / time of execute(), one task an item but for the tuned chunks',
  )
  console.log(formatRow(['workload', 'execute', 'chunk', ...PEERS], WIDTHS))
  for (const { name } of chosen) {
    const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
    const order = { name, seed: SEED, rounds }
    await waitForCalm(patienceMs)
    const measurement = await callInChild<PeersMeasurement>(MEASURE, 'measurePeers', order)
    measurements.push(measurement)
    console.log(formatRow(cellsOf(compare(measurement)), WIDTHS))
  }
  const comparisons = measurements.map(compare)
  return {
    findings: PEERS.map((peer) => findingOf(peer, comparisons)),
    details: { comparisons, measurements },
  }
}

function compare({ name, tunedChunkSize, runs }: PeersMeasurement): Comparison {
  const ours = runs[EXECUTE]!.map(({ timeMs }) => timeMs)
  const ratios = PEERS.map((peer) => {
    const pairs = runs[peer]!.map(({ timeMs }, round) => timeMs / ours[round]!)
    const [low, high] = intervalOfMedian(pairs)
    return [peer, { value: median(pairs), low, high }] as const
  })
  return {
    name,
    executeMs: median(ours),
    chunkSize: tunedChunkSize,
    ratios: Object.fromEntries(ratios),
  }
}

function cellsOf({ name, executeMs, chunkSize, ratios }: Comparison): string[] {
  const figures = PEERS.map((peer) => ratios[peer]!.value.toFixed(2))
  return [name, executeMs.toFixed(1), String(chunkSize), ...figures]
}

function findingOf(peer: string, comparisons: readonly Comparison[]): Finding {
  const ratios = comparisons.map((each) => each.ratios[peer]!)
  const behind = comparisons.filter(({ ratios: { [peer]: ratio } }) => isBehind(ratio!))
  const ahead = ratios.filter(({ value, low }) => value > 1 + LEVEL && low > 1).length
  const level = comparisons.length - ahead - behind.length
  const where = behind
    .map(({ name, ratios: { [peer]: ratio } }) => {
      const [value, low, high] = [ratio!.value, ratio!.low, ratio!.high].map((x) => x.toFixed(2))
      return `${name} (${value}, ${low} to ${high})`
    })
    .join('; ')
  const middle = median(ratios.map(({ value }) => value)).toFixed(2)
  return {
    what: `execute() beside ${peer}, ${comparisons.length} workloads, median ${middle}`,
    target: 'behind on none',
    measured: `ahead on ${ahead}, level on ${level}, behind on ${behind.length}${where && `: ${where}`}`,
    isMet: behind.length === 0,
  }
}

/** By more than what is level, and not by chance. */
function isBehind({ value, high }: { value: number; high: number }): boolean {
  return value < 1 - LEVEL && high < 1
}

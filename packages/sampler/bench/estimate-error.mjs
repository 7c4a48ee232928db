/**
 * How far the dry run's item time is from the true mean of the rest of the run, next to what the mean
 * of the first five items would have said. Every observation is a process of its own, because the
 * code has to be cold.
 *
 *     node packages/sampler/bench/estimate-error.mjs [repetitions] [milliseconds]
 *
 * A map takes about half a second on one core of this machine, or as many milliseconds as are said: how
 * many items that is, a process for each function finds out beforehand. Of a shorter map a dry run sees
 * little but cold code, and `execute()` is over with it before it would ask for one.
 *
 * The truth is measured in the same process, right after: the rest of the items, spread as the sample
 * was, in the same kind of thread. But a machine whose pace changes does not run the same function in
 * the same time either. What no estimate can be blamed for is shown in two ways:
 * - how far as many items in the midst of the truth, warm, are from the whole of it;
 * - how far the true mean of one repetition is from that of the next.
 * With several repetitions the medians of estimates and truths show what is no chance: of the pace of the
 * machine at the moment nothing is left in them.
 */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

import { prepareTask, sampleItems, TaskPool } from '../dist/index.js'
import { FUNCTIONS } from './functions.mjs'

const CHUNK_MS = 5
const GOAL = 0.2
const FEWEST_OF_A_MEDIAN = 3
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2

/** Whether the caller's thread may run items too, which is the default. */
const MODES = { 'in a worker alone': false, 'by default': true }

/** Time for which a function is run to tell how many items make a map, in half of which it is warm. */
const CALIBRATION_MS = 400
const CALIBRATION_ITEMS = 200

const [first = '3', second = '500', observedMode, observedCount] = process.argv.slice(2)
if (first === '--observe') {
  await observe(FUNCTIONS[Number(second)], MODES[observedMode], Number(observedCount))
} else if (first === '--calibrate') {
  process.stdout.write(JSON.stringify(calibrate(FUNCTIONS[Number(second)])))
} else report(Number(first), Number(second))

/** Time of a warm item, milliseconds. */
function calibrate([, run, makeItems]) {
  const items = makeItems(CALIBRATION_ITEMS)
  const order = spread([...items.keys()])
  const startMs = performance.now()
  let warmSinceMs = 0
  let warmCount = 0
  for (let done = 0; ; done++) {
    const nowMs = performance.now()
    if (nowMs - startMs >= CALIBRATION_MS) return (nowMs - warmSinceMs) / warmCount
    if (warmSinceMs === 0 && nowMs - startMs >= CALIBRATION_MS / 2) warmSinceMs = nowMs
    if (warmSinceMs > 0) warmCount++
    run(items[order[done % order.length]])
  }
}

async function observe([, run, makeItems], allowMainThread, count) {
  const items = makeItems(count)
  const task = prepareTask(run, undefined)
  const pool = new TaskPool()
  const sampling = await sampleItems(task, items, { pool, allowMainThread })
  const rest = spread([...sampling.results.rest()]).map((index) => items[index])
  const chunks = sampling.worker
    ? await runInWorker(pool, task, rest, sampling.itemTimeMs)
    : [{ count: rest.length, busyMs: rest.length * meanHere(run, rest) }]
  await pool.close()

  const firstFiveStartMs = performance.now()
  for (const item of items.slice(0, 5)) run(item)
  const firstFiveMs = (performance.now() - firstFiveStartMs) / 5
  const { itemTimeMs, relativeError, isSettled, isTainted, durationMs, results } = sampling
  process.stdout.write(
    JSON.stringify({
      trueMs: meanOf(chunks),
      itemTimeMs,
      midstMs: meanOf(midst(chunks, results.doneCount)),
      // Where this thread has run the function before, the code is not cold any more.
      firstFiveMs: allowMainThread ? undefined : firstFiveMs,
      relativeError,
      isSettled,
      isTainted,
      durationMs,
      sampled: results.doneCount,
    }),
  )
}

/** In an order in which any few in a row are from all over. */
function spread(positions) {
  const key = (index) => (index * GOLDEN_RATIO) % 1
  return positions.toSorted((a, b) => key(a) - key(b))
}

async function runInWorker(pool, { definition }, items, itemTimeMs) {
  const size = Math.max(1, Math.round(CHUNK_MS / itemTimeMs))
  const chunks = []
  for (let from = 0; from < items.length; from += size) {
    const chunk = items.slice(from, from + size)
    const { itemTimesMs } = await pool.runChunk(definition, chunk, { maxWorkers: 1, isTimed: true })
    const busyMs = itemTimesMs.reduce((sum, timeMs) => sum + timeMs, 0)
    chunks.push({ count: chunk.length, busyMs })
  }
  return chunks
}

/** Chunks in the middle, with so many items or a few more. */
function midst(chunks, itemCount) {
  const from = chunks.length >> 1
  let to = from
  for (let count = 0; count < itemCount && to < chunks.length; to++) count += chunks[to].count
  return chunks.slice(from, to)
}

function meanOf(chunks) {
  const sum = (field) => chunks.reduce((total, chunk) => total + chunk[field], 0)
  return sum('busyMs') / sum('count')
}

function meanHere(run, items) {
  const startMs = performance.now()
  for (const item of items) run(item)
  return (performance.now() - startMs) / items.length
}

function report(repetitions, mapMs) {
  const counts = FUNCTIONS.map((_, index) => {
    const itemMs = inProcess('--calibrate', String(index))
    return Math.max(1, Math.round(mapMs / itemMs))
  })
  const startLoad = loadavg()[0].toFixed(2)
  const rows = {}
  const observed = Object.fromEntries(Object.keys(MODES).map((mode) => [mode, []]))
  // Repetitions outside, so that the two modes and the repetitions of a function are spread over time.
  const byFunction = FUNCTIONS.map(() => ({ 'in a worker alone': [], 'by default': [] }))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [index] of FUNCTIONS.entries()) {
      for (const mode of Object.keys(MODES)) {
        const seen = inProcess('--observe', String(index), mode, String(counts[index]))
        // By default the loop beside a starting worker may have finished the map.
        if (seen.trueMs === null) continue
        byFunction[index][mode].push(seen)
        observed[mode].push(seen)
      }
    }
  }
  for (const [index, [name]] of FUNCTIONS.entries()) {
    const alone = byFunction[index]['in a worker alone']
    const middle = middleOf(alone)
    if (!middle) continue
    rows[name] = {
      'true us': (middle.trueMs * 1000).toPrecision(3),
      'estimate / true': ratioOf(middle),
      'by default': ratioOf(middleOf(byFunction[index]['by default'])),
      'first five / true': (middle.firstFiveMs / middle.trueMs).toFixed(2),
      'claimed error':
        middle.relativeError === null ? 'unknown' : `${(100 * middle.relativeError).toFixed(1)} %`,
      sampled: middle.sampled,
      'took ms': middle.durationMs.toFixed(0),
      settled: alone.filter(({ isSettled }) => isSettled).length,
      tainted: alone.filter(({ isTainted }) => isTainted).length,
    }
  }
  print(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${startLoad} before and ${loadavg()[0].toFixed(2)} after`,
  )
  printTable(rows)
  print(
    `\nWithin ${GOAL * 100} % of the true mean, and quantiles of the error |estimate / true - 1|:`,
  )
  const alone = observed['in a worker alone']
  const alonePerFunction = byFunction.map((modes) => modes['in a worker alone'])
  const repeated = byFunction.flatMap((modes) => Object.values(modes))
  printTable({
    'dry run, in a worker alone': summary(alone.map(errorOf)),
    'as many items in the midst of the truth': summary(alone.map(midstErrorOf)),
    'in a worker alone, medians of the repetitions': summary(
      alonePerFunction.flatMap(errorOfMedians),
    ),
    'dry run, by default': summary(observed['by default'].map(errorOf)),
    'by default, medians of the repetitions': summary(
      byFunction.flatMap((modes) => errorOfMedians(modes['by default'])),
    ),
    'both, not tainted': summary(
      Object.values(observed)
        .flat()
        .filter(({ isTainted }) => !isTainted)
        .map(errorOf),
    ),
    'first five items': summary(alone.map(firstFiveErrorOf)),
    'the true mean of the next repetition': summary(repeated.flatMap(errorsBetween)),
  })
}

function inProcess(...order) {
  const script = fileURLToPath(import.meta.url)
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...order])
  if (stdout.length === 0) throw new Error(stderr.toString())
  return JSON.parse(stdout.toString())
}

function middleOf(observations) {
  const sorted = observations.toSorted((a, b) => errorOf(a) - errorOf(b))
  return sorted[Math.floor(sorted.length / 2)]
}

function ratioOf(observation) {
  if (!observation) return 'no rest'
  return (observation.itemTimeMs / observation.trueMs).toFixed(2)
}

function errorOf({ itemTimeMs, trueMs }) {
  return Math.abs(itemTimeMs / trueMs - 1)
}

function midstErrorOf({ midstMs, trueMs }) {
  return Math.abs(midstMs / trueMs - 1)
}

function firstFiveErrorOf({ firstFiveMs, trueMs }) {
  return Math.abs(firstFiveMs / trueMs - 1)
}

/** Of one function, none where the loop finished most of its maps. */
function errorOfMedians(observations) {
  if (observations.length < FEWEST_OF_A_MEDIAN) return []
  const median = (field) =>
    observations.map((seen) => seen[field]).toSorted((a, b) => a - b)[observations.length >> 1]
  return [Math.abs(median('itemTimeMs') / median('trueMs') - 1)]
}

/** How badly each true mean would have been told by the one before it. */
function errorsBetween(observations) {
  return observations
    .slice(1)
    .map(({ trueMs }, previous) => Math.abs(observations[previous].trueMs / trueMs - 1))
}

function summary(errors) {
  const sorted = errors.toSorted((a, b) => a - b)
  const at = (share) =>
    `${(100 * (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)).toFixed(1)} %`
  const within = sorted.filter((error) => error <= GOAL).length
  return {
    observations: sorted.length,
    within: `${((100 * within) / sorted.length).toFixed(0)} %`,
    '10 %': at(0.1),
    median: at(0.5),
    '90 %': at(0.9),
    worst: at(1),
  }
}

function print(line) {
  process.stdout.write(`${line}\n`)
}

function printTable(rows) {
  new Console(process.stdout).table(rows)
}

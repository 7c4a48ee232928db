/**
 * How far the dry run's item time is from the true mean of the rest of the run, next to what the mean
 * of the first five items would have said. Every observation is a process of its own, because the
 * code has to be cold.
 *
 *     node packages/sampler/bench/estimate-error.mjs [repetitions]
 *
 * The truth is measured in the same process, right after: the rest of the items, in the same worker.
 */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

import { prepareTask, sampleItems, TaskPool } from '../dist/index.js'
import { FUNCTIONS } from './functions.mjs'

const CHUNK_MS = 5
const GOAL = 0.2

const [argument = '3', place] = process.argv.slice(2)
if (argument === '--observe') await observe(FUNCTIONS[Number(place)])
else report(Number(argument))

async function observe([, run, makeItems]) {
  const items = makeItems()
  const task = prepareTask(run, undefined)
  const pool = new TaskPool()
  // allowMainThread off: the figure in question is the worker's, and the first five items are cold.
  const sampling = await sampleItems(task, items, { pool, allowMainThread: false })
  const rest = [...sampling.results.rest()]
  const size = Math.max(1, Math.round(CHUNK_MS / sampling.itemTimeMs))
  let busyMs = 0
  for (let from = 0; from < rest.length; from += size) {
    const chunk = rest.slice(from, from + size).map((index) => items[index])
    const { itemTimesMs } = await pool.runChunk(task.definition, chunk, {
      maxWorkers: 1,
      isTimed: true,
    })
    for (const timeMs of itemTimesMs) busyMs += timeMs
  }
  await pool.close()

  const firstFiveStartMs = performance.now()
  for (const item of items.slice(0, 5)) await run(item)
  const firstFiveMs = (performance.now() - firstFiveStartMs) / 5
  const { itemTimeMs, relativeError, isSettled, isTainted, durationMs } = sampling
  const trueMs = busyMs / rest.length
  process.stdout.write(
    JSON.stringify({
      trueMs,
      itemTimeMs,
      firstFiveMs,
      relativeError,
      isSettled,
      isTainted,
      durationMs,
      sampled: sampling.results.doneCount,
    }),
  )
}

function report(repetitions) {
  print(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${loadavg()[0].toFixed(2)}`,
  )
  const all = []
  const rows = FUNCTIONS.map(([name], index) => {
    const seen = Array.from({ length: repetitions }, () => observeInProcess(index))
    all.push(...seen)
    const middle = seen.toSorted((a, b) => errorOf(a) - errorOf(b))[Math.floor(repetitions / 2)]
    return {
      function: name,
      'true us': (middle.trueMs * 1000).toPrecision(3),
      'estimate / true': (middle.itemTimeMs / middle.trueMs).toFixed(2),
      'first five / true': (middle.firstFiveMs / middle.trueMs).toFixed(2),
      'claimed error':
        middle.relativeError === null ? 'unknown' : `${(100 * middle.relativeError).toFixed(1)} %`,
      sampled: middle.sampled,
      'took ms': middle.durationMs.toFixed(0),
      settled: seen.filter(({ isSettled }) => isSettled).length,
      tainted: seen.filter(({ isTainted }) => isTainted).length,
    }
  })
  printTable(rows)
  const clean = all.filter(({ isTainted }) => !isTainted)
  print(
    `\nWithin ${GOAL * 100} % of the true mean, and quantiles of the error |estimate / true - 1|:`,
  )
  printTable({
    'dry run, all': summary(all.map(errorOf)),
    'dry run, not tainted': summary(clean.map(errorOf)),
    'first five, all': summary(all.map(firstFiveErrorOf)),
  })
}

function observeInProcess(index) {
  const script = fileURLToPath(import.meta.url)
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--observe', String(index)])
  if (stdout.length === 0) throw new Error(stderr.toString())
  return JSON.parse(stdout.toString())
}

function errorOf({ itemTimeMs, trueMs }) {
  return Math.abs(itemTimeMs / trueMs - 1)
}

function firstFiveErrorOf({ firstFiveMs, trueMs }) {
  return Math.abs(firstFiveMs / trueMs - 1)
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

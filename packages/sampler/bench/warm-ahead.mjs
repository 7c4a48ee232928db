/**
 * What it costs a dry run that the other workers start while it samples on the first, and what the run
 * after it gains. Every observation is a process of its own; with and without alternate.
 *
 *     node packages/sampler/bench/warm-ahead.mjs [repetitions]
 */
import { spawnSync } from 'node:child_process'
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

import { prepareTask, sampleItems, TaskPool } from '../dist/index.js'

const WORKERS = availableParallelism()
const WAYS = {
  'others start when needed': {},
  'all start at once': { isWarmed: true },
  'others start during the sampling': { warmAhead: WORKERS },
}

const [argument = '15', observedWay] = process.argv.slice(2)
if (argument === '--observe') await observe(WAYS[observedWay])
else report(Number(argument))

async function observe({ isWarmed, warmAhead = 0 }) {
  const items = Array.from({ length: 600 }, () => 400_000)
  const task = prepareTask((steps) => {
    let sum = 0
    for (let step = 0; step < steps; step++) sum += Math.sqrt(step)
    return sum
  }, undefined)
  const pool = new TaskPool()
  const startMs = performance.now()
  if (isWarmed) void pool.warm(WORKERS)
  const sampling = await sampleItems(task, items, { pool, warmAhead })
  const dryRunMs = performance.now() - startMs

  const rest = [...sampling.results.rest()].map((index) => items[index])
  const size = Math.ceil(rest.length / (8 * WORKERS))
  const send = async () => {
    while (rest.length > 0) {
      await pool.runChunk(task.definition, rest.splice(0, size), { maxWorkers: WORKERS })
    }
  }
  await Promise.all(Array.from({ length: 2 * WORKERS }, send))
  const wholeMs = performance.now() - startMs
  await pool.close()
  process.stdout.write(
    JSON.stringify({
      dryRunMs,
      startUpMs: sampling.worker?.startUpMs,
      itemTimeMs: sampling.itemTimeMs,
      wholeMs,
    }),
  )
}

function report(repetitions) {
  const load = loadavg()[0].toFixed(2)
  const seen = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const way of Object.keys(WAYS)) {
      const script = fileURLToPath(import.meta.url)
      const { stdout } = spawnSync(process.execPath, [script, '--observe', way])
      seen[way].push(JSON.parse(stdout))
    }
  }
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${WORKERS} usable, Node ${process.version}, load ${load} before and ${loadavg()[0].toFixed(2)} after\n`,
  )
  const rows = Object.entries(seen).map(([way, all]) => {
    const median = (field) =>
      all.map((one) => one[field] ?? Number.NaN).toSorted((a, b) => a - b)[repetitions >> 1]
    return [
      way,
      {
        'item time, us': (1000 * median('itemTimeMs')).toFixed(0),
        'start-up of the first, ms': median('startUpMs').toFixed(0),
        'dry run, ms': median('dryRunMs').toFixed(0),
        'whole map, ms': median('wholeMs').toFixed(0),
      },
    ]
  })
  new Console(process.stdout).table(Object.fromEntries(rows))
}

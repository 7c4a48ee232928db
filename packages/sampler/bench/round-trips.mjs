/**
 * Round trips of chunks to one worker, by what is in them, in both runtimes. Numbers travel packed in
 * a buffer, and typed arrays as copies that are handed over; the same with one value among them that
 * prevents it show what that saves.
 *
 *     node packages/sampler/bench/round-trips.mjs
 */
import { Console } from 'node:console'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout } from 'node:timers/promises'

import { prepareTask, TaskPool } from '../dist/index.js'

const REPETITIONS = 41
/** Both threads are asleep then, as between chunks of some milliseconds. */
const PAUSE_MS = 5
const COUNT = 10_000

const arrays = (count, bytes) =>
  Array.from({ length: count }, (_, id) => ({ id, data: new Float64Array(bytes / 8) }))
/** An object within an object is cloned, and everything in its chunk. */
const cloned = (items) => [...items, { nested: {} }]

const CHUNKS = {
  'no item': [],
  'one number': [1],
  'one number, 5 ms after the last': [2],
  '10,000 numbers': Array.from({ length: COUNT }, (_, n) => n + 0.5),
  '10,000 numbers and a text': [...Array.from({ length: COUNT }, (_, n) => n + 0.5), ''],
  '10,000 small objects': Array.from({ length: COUNT }, (_, n) => ({ id: n, name: `n${n}`, n })),
  'a typed array of 1 MB': arrays(1, 1e6),
  'a typed array of 1 MB, cloned': cloned(arrays(1, 1e6)),
  '8 objects with 500 KB': arrays(8, 5e5),
  '8 objects with 500 KB, cloned': cloned(arrays(8, 5e5)),
  '10 objects with 100 KB': arrays(10, 1e5),
}

const echo = prepareTask((item) => item, undefined).definition
const rows = {}
const pools = ['worker_threads', 'child_process'].map((runtime) => new TaskPool({ runtime }))
for (const [name, items] of Object.entries(CHUNKS)) {
  rows[name] = {}
  const times = pools.map(() => [])
  // The runtimes alternate, so that what disturbs the machine disturbs both.
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (const [place, pool] of pools.entries()) {
      if (name.includes('after')) await setTimeout(PAUSE_MS)
      const startMs = performance.now()
      await pool.runChunk(echo, items, { maxWorkers: 1 })
      times[place].push(performance.now() - startMs)
    }
  }
  for (const [place, pool] of pools.entries()) {
    const sorted = times[place].toSorted((a, b) => a - b)
    rows[name][`${pool.runtime}, median ms`] = sorted[sorted.length >> 1].toFixed(3)
  }
}
await Promise.all(pools.map((pool) => pool.close()))

process.stdout.write(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} usable, Node ${process.version}, load ${loadavg()[0].toFixed(2)}\n`,
)
new Console(process.stdout).table(rows)

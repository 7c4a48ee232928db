/** The same map by each library, as its documentation shows it, on so many warm workers. */
import { fileURLToPath } from 'node:url'

import pMap from 'p-map'
import { Piscina } from 'piscina'
import { FixedThreadPool } from 'poolifier'
import { Tinypool } from 'tinypool'
import workerpool from 'workerpool'

import { nameFunction } from './workers/function.ts'
import type { FunctionPlace } from './workers/function.ts'

/** One library's map over fixed items. */
export interface Contender {
  readonly name: string
  readonly run: () => Promise<unknown[]>
}

/** The libraries of one process, and how to end their workers. */
export interface Peers {
  readonly contenders: readonly Contender[]
  /** piscina over chunks of that size: what a careful user tunes by hand. */
  runChunks(chunkSize: number): Promise<unknown[]>
  close(): Promise<void>
}

const workerPath = (name: string): string =>
  fileURLToPath(new URL(`./workers/${name}.js`, import.meta.url))

/** Starts the pools. */
export function startPeers(
  place: FunctionPlace,
  items: readonly unknown[],
  workers: number,
): Peers {
  nameFunction(place)
  const filename = fileURLToPath(place.url)
  const name = place.exportName
  const size = { minThreads: workers, maxThreads: workers }
  const tinypool = new Tinypool({ filename, ...size })
  const piscina = new Piscina({ filename, ...size })
  const poolifier = new FixedThreadPool(workers, workerPath('poolifier'))
  const pool = workerpool.pool(workerPath('workerpool'), {
    minWorkers: workers,
    maxWorkers: workers,
    workerType: 'thread',
  })
  const runItem = (item: unknown): Promise<unknown> => piscina.run(item, { name })
  return {
    contenders: [
      {
        name: 'tinypool',
        run: () => Promise.all(items.map((item): Promise<unknown> => tinypool.run(item, { name }))),
      },
      { name: 'piscina', run: () => Promise.all(items.map(runItem)) },
      {
        name: 'poolifier mapExecute',
        run: () => poolifier.mapExecute(items),
      },
      {
        name: 'workerpool',
        run: () => Promise.all(items.map((item): Promise<unknown> => pool.exec('run', [item]))),
      },
      {
        name: 'p-map over piscina',
        run: () => pMap(items, runItem, { concurrency: 2 * workers }),
      },
    ],
    runChunks: async (chunkSize) => {
      const chunks: Promise<unknown[]>[] = []
      for (let start = 0; start < items.length; start += chunkSize) {
        const chunk = items.slice(start, start + chunkSize)
        chunks.push(piscina.run(chunk, { filename: workerPath('chunk'), name: 'runChunk' }))
      }
      return (await Promise.all(chunks)).flat(1)
    },
    close: async () => {
      await Promise.all([tinypool.destroy(), piscina.destroy(), poolifier.destroy()])
      await pool.terminate(true)
    },
  }
}

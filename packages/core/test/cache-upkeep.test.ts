import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  clearCache,
  getCacheStats,
  loadTrainingData,
  pruneExpiredCache,
} from '../src/cache-upkeep.ts'
import { execute } from '../src/execute.ts'

describe('upkeep of the cache', () => {
  const directory = mkdtempSync(join(tmpdir(), 'amorsize-upkeep-'))
  const outer = process.env['AMORSIZE_CACHE_DIR']
  const pool = new TaskPool()

  beforeAll(() => {
    process.env['AMORSIZE_CACHE_DIR'] = directory
  })
  afterAll(async () => {
    if (outer === undefined) delete process.env['AMORSIZE_CACHE_DIR']
    else process.env['AMORSIZE_CACHE_DIR'] = outer
    rmSync(directory, { recursive: true })
    await pool.close()
  })

  it('counts, loads and removes what execute left in the folder that the environment names', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => index)
    await execute((item: number) => item, items, {
      pool,
      allowMainThread: false,
      sampleBudgetMs: 0,
      enableOnlineLearning: true,
    })

    const stats = await getCacheStats()
    const { samples } = await loadTrainingData()

    expect(stats).toMatchObject({ directory, decisions: { count: 1 }, samples: { count: 1 } })
    expect(samples).toEqual([expect.objectContaining({ executor: 'worker_threads' })])
    expect(await pruneExpiredCache()).toMatchObject({ expired: 0 })
    expect(await clearCache()).toEqual({ decisions: 1, samples: 1 })
    expect(readdirSync(directory).filter((file) => /^(opt|ml_training)_/.test(file))).toEqual([])
  })

  it('looks into another store where one is given', async () => {
    const store = createMemoryStore()

    expect(await getCacheStats({ store })).toMatchObject({ storage: 'memory' })
    expect(await loadTrainingData({ store })).toEqual({ samples: [], skipped: [] })
  })
})

/** Decisions for machines that are not this one, and for processes that may use little of it. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { createMemoryStore } from '@amorsize/cache'
import type { SystemProfile } from '@amorsize/features/system'
import { measureMachine, TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import type { Decision } from '../src/decide/source.ts'
import { execute } from '../src/execute.ts'
import { decide } from '../src/decide/decide.ts'
import type { OptimizeOptions } from '../src/options.ts'
import type { optimize } from '../src/optimize.ts'
import { createRequest } from '../src/request.ts'
import { choosePlan } from '../src/search.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const MEGABYTE = 1e6

/**
 * What is measured is real, the machine around it is given. Only workers run items, so that they are
 * asked however busy this machine is.
 */
async function decideOn<O>(
  system: Partial<SystemProfile>,
  task: (item: number) => O,
  options: OptimizeOptions & { items?: number } = {},
): Promise<Decision<O>> {
  const { items = 400, ...rest } = options
  const data = Array.from({ length: items }, (_, index) => index)
  const request = await createRequest(task, data, {
    pool,
    store: createMemoryStore(),
    allowMainThread: false,
    ...rest,
  })
  const here = request.system
  return decide(
    Object.defineProperties(Object.create(null), {
      ...Object.getOwnPropertyDescriptors(request),
      system: { value: { ...here, ...system } },
      maxWorkers: {
        value: options.maxWorkers ?? Math.ceil(system.usableCores ?? here.usableCores),
      },
    }) as typeof request,
  )
}

/** The workers of the best plan, by measured costs but for the times, which a busy machine distorts. */
function workersFor({ costs }: Decision<unknown>, maxWorkers: number): number {
  const { dispatch } = costs!
  const calm = {
    ...costs!,
    itemCount: 10_000,
    workerItemTimeMs: 1,
    coefficientOfVariation: 0,
    waitShare: 0,
    trend: 0,
    dispatch: { ...dispatch!, dispatchMs: 0.05, mainDispatchMs: 0.02, cloneMs: 0, startUpMs: 50 },
  }
  return choosePlan(calm, { maxWorkers, runtime: 'worker_threads' }).best.nJobs
}

const busy = (item: number): number => {
  let sum = 0
  for (let index = 0; index < 3e5; index++) sum += Math.sqrt(index + item)
  return sum
}

describe('memory', () => {
  it('caps the workers where no more fit, and says so', async () => {
    const roomy = await decideOn({ usableCores: 16 }, busy)
    const workerBytes = roomy.costs!.memory!.workerBytes
    const tight = await decideOn({ usableCores: 16, availableMemoryBytes: workerBytes * 4 }, busy)

    expect(workerBytes).toBeGreaterThan(MEGABYTE)
    expect(workersFor(roomy, 16)).toBeGreaterThan(8)
    expect(roomy.warnings.join()).not.toContain('Memory')
    // 80 % of the room of 4, beside the worker that is warm.
    expect(tight.plan.nJobs).toBeLessThanOrEqual(4)
    expect(workersFor(tight, 16)).toBeLessThanOrEqual(4)
    expect(tight.warnings).toContainEqual(expect.stringMatching(/^Memory limits the workers: 16 /))
  })

  it('is warned of before a result set that will not fit', async () => {
    const large = (item: number): string => {
      let sum = 0
      for (let index = 0; index < 3e5; index++) sum += Math.sqrt(index + item)
      return String(sum).padEnd(100_000, 'x')
    }

    const { warnings } = await decideOn({ availableMemoryBytes: 20 * MEGABYTE }, large)

    expect(warnings).toContainEqual(
      expect.stringMatching(/^The results take about [\d.]+ MB, and 20 MB .*executeStream\(\)\.$/),
    )
  })

  it('is what the process is warned of, before results that will not fit are computed', async () => {
    const controller = new AbortController()
    const warnings: Error[] = []
    const listener = (warning: Error & { code?: string }): void => {
      if (warning.code !== 'AMORSIZE_CORE_MEMORY') return
      warnings.push(warning)
      controller.abort(warning)
    }
    process.on('warning', listener)
    onTestFinished(() => void process.off('warning', listener))
    const large = (item: number): string => String(item).padStart(1_000_000, '0')

    const run = execute(large, new Uint8Array(10_000_000), {
      pool,
      store: createMemoryStore(),
      signal: controller.signal,
    })

    await expect(run).rejects.toBeInstanceOf(Error)
    expect(warnings).toMatchObject([
      {
        name: 'AmorsizeWarning',
        message: expect.stringMatching(/^The results take about [\d.]+ (TB|GB),/),
      },
    ])
  })

  it('is looked at anew when the decision is remembered', async () => {
    const store = createMemoryStore()
    const usableCores = 16
    const first = await decideOn({ usableCores, availableMemoryBytes: 1 }, busy, { store })
    const later = await decideOn({ usableCores }, busy, { store })

    expect(first.warnings.join()).toContain('Memory limits')
    expect(later.source).toBe('cache')
    expect(later.warnings.join()).not.toContain('Memory limits')
    expect(workersFor(later, 16)).toBeGreaterThan(workersFor(first, 16))
  })
})

describe('the cores', () => {
  it('of a quota of 1.5 are used as such', async () => {
    const { plan, costs, search } = await decideOn({ usableCores: 1.5 }, busy)

    expect(costs!.usableCores).toBe(1.5)
    expect(plan.nJobs).toBeLessThanOrEqual(2)
    const workMs = costs!.itemCount * costs!.workerItemTimeMs
    expect(search!.best.makespanMs * 1.5).toBeGreaterThanOrEqual(workMs)
  })

  it.skipIf(process.platform !== 'linux')(
    'of an affinity of one are one: `taskset` is of Linux',
    () => {
      const program = new URL('./fixtures/affinity.mjs', import.meta.url).pathname

      const answer = execFileSync('taskset', ['-c', '0', process.execPath, program], {
        encoding: 'utf8',
      })

      expect(JSON.parse(answer)).toEqual({ usableCores: 1, executor: 'serial', nJobs: 1 })
    },
  )

  it('are not taken from inside a worker: pools do not nest', async () => {
    const inside = new Worker(new URL('./fixtures/inside-worker.mjs', import.meta.url))
    const [answer] = (await once(inside, 'message')) as unknown[]
    await once(inside, 'exit')

    expect(answer).toEqual({ count: 2000, executor: 'serial', nJobs: 1 })
  })

  it.each([{ allowMainThread: false }, { itemTimeoutMs: 200 }])(
    'are left for one thread from inside a worker where its own may not be used: %o',
    async (options) => {
      const inside = new Worker(new URL('./fixtures/kept-away.mjs', import.meta.url), {
        workerData: options,
      })
      const [answer] = (await once(inside, 'message')) as unknown[]
      await once(inside, 'exit')

      expect(answer).toEqual({
        hasRunHere: false,
        endless: 'itemTimeoutMs' in options ? 'AMORSIZE_SAMPLER_ITEM_TIMEOUT' : undefined,
      })
    },
  )

  it('are not taken from inside a child process either', async () => {
    await using children = new TaskPool({ runtime: 'child_process' })
    const decidesAgain = async (_: number, core: string): Promise<string> => {
      const { optimize: decideInside } = (await import(core)) as { optimize: typeof optimize }
      const spin = (item: number): number => {
        let sum = 0
        for (let index = 0; index < 1e5; index++) sum += Math.sqrt(index + item)
        return sum
      }
      const inside = Array.from({ length: 2000 }, (__, index) => index)
      const { executor, nJobs } = await decideInside(spin, inside, { useCache: false })
      return `${executor} ${nJobs}`
    }

    const answers = await execute(decidesAgain, [1], {
      pool: children,
      store: createMemoryStore(),
      allowMainThread: false,
      context: new URL('../dist/index.js', import.meta.url).href,
    })

    expect(answers).toEqual(['serial 1'])
  })

  it('get in each other’s way as the profile of the machine in the store says', async () => {
    const profile = { ...(await measureMachine()), contention: 5 }
    const store = Object.assign(createMemoryStore(), {
      getDocument: () => Promise.resolve(profile),
    })

    const known = await decideOn({ usableCores: 8 }, busy, { store })
    const unknown = await decideOn({ usableCores: 8 }, busy)

    expect(unknown.costs!.contention).toBe(0)
    expect(workersFor(unknown, 8)).toBeGreaterThan(1)
    expect(known.costs!.contention).toBe(5)
    expect(workersFor(known, 8)).toBe(1)
  })

  it('are shared as ever where the store cannot be read', async () => {
    const store = Object.assign(createMemoryStore(), {
      getDocument: () => Promise.reject(new Error('disk on fire')),
    })

    const { costs } = await decideOn({ usableCores: 8 }, busy, { store })

    expect(costs!.contention).toBe(0)
  })
})

describe('what is run', () => {
  it('stays in the plain loop for a generator over trivial work', async () => {
    function* numbers(): Generator<number> {
      for (let item = 0; item < 20_000; item++) yield item
    }

    const { results, optimization } = await execute((item: number) => item * 2, numbers(), {
      store: createMemoryStore(),
      returnOptimizationResult: true,
    })

    expect(optimization.executor).toBe('serial')
    expect(results).toHaveLength(20_000)
  })

  it('keeps sleeping items in flight far beyond the cores', async () => {
    // So long that a thread that has to wait for a core as well still looks idle.
    const sleep = (item: number): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(item), 300))

    const { plan, search } = await decideOn({ usableCores: 2 }, sleep, {
      items: 2000,
      allowMainThread: true,
    })

    expect(plan.executor).toBe('async')
    expect(plan.nJobs).toBeGreaterThan(16)
    expect(search!.best.makespanMs).toBeLessThan(search!.serial.makespanMs / 4)
  })
})

import { describe, expect, it } from 'vitest'

import { measureMachine } from '../src/index.ts'
import type { MachineProfile, ProfileStore } from '../src/index.ts'

/** A store that always has this entry. */
function storeWith(entry: unknown): ProfileStore & { readonly keys: string[] } {
  const keys: string[] = []
  return { keys, get: (key) => (keys.push(key), entry), set: () => {} }
}

describe.each(['worker_threads', 'child_process'] as const)('the profile of %s', (runtime) => {
  it('has positive costs and a speedup between nothing and the cores', async () => {
    const profile = await measureMachine({ runtime })

    const { cloneMs } = profile
    expect(profile).toMatchObject({ runtime, nodeVersion: process.version })
    expect(profile.startUpMs).toBeGreaterThan(profile.dispatchMs)
    expect(profile.dispatchMs).toBeGreaterThan(0)
    expect(profile.sendMs).toBeGreaterThan(0)
    expect(profile.usableParallelism).toBeGreaterThan(0)
    expect(cloneMs.megabyte).toBeGreaterThan(cloneMs.number)
    expect(structuredClone(profile)).toEqual(profile)
  })
})

describe('a profile in a store', () => {
  it('is used and not measured again', async () => {
    const kept: MachineProfile = { ...(await measureMachine()), startUpMs: 12_345 }
    const store = storeWith(kept)

    expect(await measureMachine({ store })).toBe(kept)
    expect(store.keys[0]).toContain(process.version)
  })

  it('is kept apart for each runtime', async () => {
    const kept = await measureMachine()
    const store = storeWith(kept)
    await measureMachine({ store, runtime: 'worker_threads' })
    await measureMachine({ store, runtime: 'child_process' })

    expect(new Set(store.keys).size).toBe(2)
  })

  it.each(['text', { startUpMs: 1 }, { startUpMs: Number.NaN, cloneMs: {} }])(
    'that is %o is measured anew',
    async (entry) => {
      const profile = await measureMachine({ store: storeWith(entry) })

      expect(profile.dispatchMs).toBeGreaterThan(0)
    },
  )

  it('is kept by a Map, where the measurement is clean', async () => {
    const store = new Map<string, MachineProfile>()
    const profile = await measureMachine({ store })

    expect([...store.values()]).toEqual(profile.isTainted ? [] : [profile])
  })

  it('cannot be in what is no store', async () => {
    await expect(measureMachine({ store: {} as never })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    })
  })
})

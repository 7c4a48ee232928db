import { detectSystem } from '@amorsize/features/system'
import { describe, expect, it } from 'vitest'

import { measureMachine, readMachineProfile } from '../src/index.ts'
import type { MachineProfile, ProfileStore } from '../src/index.ts'

/** Keeps documents as JSON, as a real store does. */
class JsonDocuments implements ProfileStore {
  readonly texts = new Map<string, string>()

  async getDocument(key: string): Promise<object | undefined> {
    const text = this.texts.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as object)
  }

  async putDocument(key: string, document: object): Promise<void> {
    this.texts.set(key, JSON.stringify(document))
  }

  /** Changes what is kept under the one key. */
  edit(change: object): void {
    for (const [key, text] of this.texts) {
      this.texts.set(key, JSON.stringify({ ...(JSON.parse(text) as object), ...change }))
    }
  }
}

/** A store with a profile that no measurement would give. */
async function storeWithProfile(): Promise<JsonDocuments> {
  const store = new JsonDocuments()
  const machine = detectSystem().fingerprint
  await store.putDocument(`machine-${machine}-worker_threads`, profileOf(machine))
  return store
}

const profileOf = (machine: string): MachineProfile => ({
  machine,
  nodeVersion: process.version,
  runtime: 'worker_threads',
  usableCores: detectSystem().usableCores,
  startUpMs: 12_345,
  dispatchMs: 1,
  sendMs: 1,
  cloneMs: { number: 1, text: 1, object: 1, megabyte: 1 },
  usableParallelism: 1.5,
  contention: 0.25,
  isTainted: false,
  measuredAtMs: 1,
})

describe.each(['worker_threads', 'child_process'] as const)('the profile of %s', (runtime) => {
  it('has positive costs and a speedup that its contention explains', async () => {
    const profile = await measureMachine({ runtime })

    const { cloneMs } = profile
    expect(profile).toMatchObject({ runtime, nodeVersion: process.version })
    expect(profile.startUpMs).toBeGreaterThan(profile.dispatchMs)
    expect(profile.dispatchMs).toBeGreaterThan(0)
    expect(profile.sendMs).toBeGreaterThan(0)
    expect(profile.usableParallelism).toBeGreaterThan(0)
    expect(profile.contention).toBeGreaterThanOrEqual(0)
    expect(cloneMs.megabyte).toBeGreaterThan(cloneMs.number)
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  })
})

describe('a profile in a store', () => {
  it('is used and not measured again', async () => {
    const store = await storeWithProfile()

    expect(await measureMachine({ store })).toMatchObject({ startUpMs: 12_345 })
    expect(await readMachineProfile({ store })).toMatchObject({ startUpMs: 12_345 })
  })

  it('is none for the other runtime', async () => {
    const store = await storeWithProfile()

    expect(await readMachineProfile({ store, runtime: 'child_process' })).toBeUndefined()
  })

  it('is kept where the measurement is clean, and read without measuring', async () => {
    const store = new JsonDocuments()
    const profile = await measureMachine({ store })

    const kept = profile.isTainted ? undefined : profile
    expect(await readMachineProfile({ store })).toEqual(kept)
  })

  it.each([
    { nodeVersion: 'v19.0.0' },
    { machine: '0000000000000000' },
    { runtime: 'fibers' },
    { usableCores: detectSystem().usableCores / 2 },
    { usableCores: undefined },
    { startUpMs: -1 },
    { contention: undefined },
    { cloneMs: { number: 1, text: 1, object: 1 } },
    { usableParallelism: 'two' },
  ])('with %o is none', async (change) => {
    const store = await storeWithProfile()
    store.edit(change)

    expect(await readMachineProfile({ store })).toBeUndefined()
  })

  it('of another version of Node is measured anew, and replaced where the new one is clean', async () => {
    const store = await storeWithProfile()
    store.edit({ nodeVersion: 'v19.0.0' })

    const profile = await measureMachine({ store })

    expect(profile.nodeVersion).toBe(process.version)
    expect(profile.startUpMs).not.toBe(12_345)
    expect(store.texts.size).toBe(1)
    const kept = profile.isTainted ? undefined : profile
    expect(await readMachineProfile({ store })).toEqual(kept)
  })

  it('is not asked for where none is given, and cannot be in what is no store', async () => {
    const refusal = { code: 'AMORSIZE_SAMPLER_INVALID_OPTION' }

    await expect(measureMachine({ store: new Map() as never })).rejects.toMatchObject(refusal)
    await expect(readMachineProfile({ store: {} as never })).rejects.toMatchObject(refusal)
  })
})

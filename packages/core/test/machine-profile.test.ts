import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { measureMachine, openStore, readMachineProfile } from '../src/index.ts'

test('the profile of a machine is kept in a store and outlives it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'amorsize-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const store = await openStore({ directory })

  expect(await readMachineProfile({ store })).toBeUndefined()
  const profile = await measureMachine({ store })
  await store.close()

  const reopened = await openStore({ directory })
  const kept = profile.isTainted ? undefined : profile
  expect(await readMachineProfile({ store: reopened })).toEqual(kept)
})

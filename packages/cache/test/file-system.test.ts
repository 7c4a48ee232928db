/** What the machine's file systems answer, by real ones. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { nodeFileSystem } from '../src/file-system.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { decisionOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Its folders answer EINVAL to a flush, as those of some network file systems do. */
const UNFLUSHABLE = '/proc/self'

describe.runIf(existsSync(UNFLUSHABLE))('a folder that cannot be flushed', () => {
  test('leaves a store durable, for what was renamed is there', async () => {
    const directory = join(temporaryFolder(), 'store')
    const fileSystem = {
      ...nodeFileSystem,
      syncFolder: () => nodeFileSystem.syncFolder(UNFLUSHABLE),
    }
    const onWarning = (): void => expect.unreachable()
    const store = await openJsonStore({ directory, onWarning }, { fileSystem })

    expect(await store.putDecision('key', decisionOf())).toEqual({ durable: true })
    expect(await store.stats()).toMatchObject({ storage: 'disk' })
  })
})

test.skipIf(process.platform === 'win32')(
  'a folder that is not there is not taken for one that cannot be flushed',
  async () => {
    const missing = join(temporaryFolder(), 'missing')

    await expect(nodeFileSystem.syncFolder(missing)).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

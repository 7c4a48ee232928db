import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { fileProgress, openProgress, sharedProgress } from '../src/progress.ts'

describe.each([
  ['in shared memory', sharedProgress],
  ['in a file', fileProgress],
])('progress told %s', (_, start) => {
  it('is at no chunk before it is told, and then where it was told last', () => {
    const reader = start()!
    expect(reader.read()).toEqual({ chunk: 0, offset: 0 })

    const writer = openProgress(reader.place)
    writer.tell(1, 0)
    writer.tell(7, 123_456)

    expect(reader.read()).toEqual({ chunk: 7, offset: 123_456 })
    reader.close()
    reader.close()
    expect(reader.read()).toEqual({ chunk: 7, offset: 123_456 })
  })

  it('lets no chunk start after the one that the pool names, until it takes that back', () => {
    const reader = start()!
    const writer = openProgress(reader.place)
    expect(writer.mayStart(9)).toBe(true)

    reader.stopAfter(7)
    expect([6, 7, 8].map((chunk) => writer.mayStart(chunk))).toEqual([true, true, false])

    writer.tell(8, 3)
    expect(writer.mayStart(8)).toBe(false)
    expect(reader.read()).toEqual({ chunk: 8, offset: 3 })

    reader.stopAfter(0)
    expect(writer.mayStart(8)).toBe(true)
    reader.close()
  })
})

describe('a file of progress', () => {
  it('is gone as soon as both ends have opened it', () => {
    const reader = fileProgress()!
    expect(existsSync(reader.place as string)).toBe(true)

    openProgress(reader.place)

    expect(existsSync(reader.place as string)).toBe(false)
    reader.close()
  })

  it('is closed and gone where the disk is full', async () => {
    const fs = process.getBuiltinModule('node:fs')
    const folder = mkdtempSync(path.join(tmpdir(), 'amorsize-full-'))
    vi.stubEnv('TMPDIR', folder)
    const open = vi.spyOn(fs, 'openSync')
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw new Error('ENOSPC: no space left on device')
    })
    onTestFinished(() => {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
      rmSync(folder, { recursive: true })
    })
    // It takes the functions of the file system when it is loaded.
    vi.resetModules()
    const fresh = await import('../src/progress.ts')

    expect(fresh.fileProgress()).toBeUndefined()

    expect(readdirSync(folder)).toEqual([])
    expect(() => fs.fstatSync(open.mock.results[0]!.value as number)).toThrow('EBADF')
  })

  it('is gone after a worker that never opened it', () => {
    const reader = fileProgress()!
    reader.close()

    expect(existsSync(reader.place as string)).toBe(false)
  })
})

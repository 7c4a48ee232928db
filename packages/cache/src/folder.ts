/** The store's folder: small files with checked names, each written as a whole and durable. */
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'

import { replaceFile } from './atomic-write.ts'
import type { FileContent, FileStamp, FileSystem } from './file-system.ts'
import { Limiter } from './limiter.ts'
import { SharedSync } from './shared-sync.ts'
import { codeOf } from './system-error.ts'

/** Writes at once. The thread pool has four threads by default, and the application needs some. */
const CONCURRENT_WRITES = 3

/** What passes by itself: too many open files, or another process has the file open (Windows). */
const PASSING = new Set(['EMFILE', 'ENFILE', 'EBUSY'])
const PASSING_ON_WINDOWS = new Set(['EPERM', 'EACCES'])
const RETRY_DELAYS_MS = [5, 20, 80]

/** A folder and the files in it. */
export class Folder {
  readonly path: string
  readonly #fs: FileSystem
  readonly #writes = new Limiter(CONCURRENT_WRITES)
  readonly #sync: SharedSync

  constructor(path: string, fs: FileSystem) {
    this.path = path
    this.#fs = fs
    this.#sync = new SharedSync(() => fs.syncFolder(path))
  }

  /** Replaces a file and resolves once it is durable. The folder is made if there is none. */
  write(name: string, bytes: Uint8Array): Promise<FileStamp> {
    return this.#writes.run(() => retried(() => this.#write(name, bytes)))
  }

  /** Names in the folder; none where there is no folder. */
  async list(): Promise<string[]> {
    try {
      return await retried(() => this.#fs.list(this.path))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  }

  /** Names in the folder; none where it cannot be listed. */
  async listOrNone(): Promise<string[]> {
    return this.list().catch(() => [])
  }

  /** Moves a file into a folder below this one; whether there was one. */
  async moveInto(subfolder: string, name: string, newName: string): Promise<boolean> {
    const target = join(this.path, subfolder)
    try {
      await this.#fs.makeFolder(target)
      await this.#fs.rename(join(this.path, name), join(target, newName))
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  /** Removes a file; whether there was one. */
  async remove(name: string): Promise<boolean> {
    try {
      await this.#fs.remove(join(this.path, name))
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  /** Reads a file; throws what the file system says, `ENOENT` included. */
  read(name: string, maxBytes: number): FileContent {
    return this.#fs.read(join(this.path, name), maxBytes)
  }

  /** Sets when a file was last modified; rejects with what the file system says. */
  touch(name: string, modifiedMs: number): Promise<void> {
    return this.#fs.touch(join(this.path, name), modifiedMs)
  }

  /** The stamp of a file, or `undefined` where there is none. */
  stamp(name: string): FileStamp | undefined {
    return this.#fs.stamp(join(this.path, name))
  }

  async #write(name: string, bytes: Uint8Array): Promise<FileStamp> {
    const stamp = await this.#replace(name, bytes)
    await this.#sync.join()
    return stamp
  }

  async #replace(name: string, bytes: Uint8Array): Promise<FileStamp> {
    try {
      return await replaceFile(this.#fs, this.path, name, bytes)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      await this.#fs.makeFolder(this.path)
      return replaceFile(this.#fs, this.path, name, bytes)
    }
  }
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error)) throw error
      await delay(delayMs)
    }
  }
  return attempt()
}

function isPassing(error: unknown): boolean {
  const code = codeOf(error)
  if (code === undefined) return false
  return PASSING.has(code) || (process.platform === 'win32' && PASSING_ON_WINDOWS.has(code))
}

/** The real file system, with every call counted and any of them made to fail. */
import type { FileSystem, NewFile } from '../src/file-system.ts'
import { nodeFileSystem } from '../src/file-system.ts'

type Call = keyof FileSystem | `file.${keyof NewFile}`

/** Counts the calls; `failAt` says which is to fail, by its place among all, `refused` by its name. */
export class CountingFileSystem implements FileSystem {
  readonly calls: Call[] = []
  failAt = Infinity
  /** Calls that fail for as long as they are in here. */
  readonly refused = new Set<Call>()
  error: Error = Object.assign(new Error('injected'), { code: 'EIO' })
  /** How many times a folder can still be listed. */
  listingsLeft = Infinity
  /** Most bytes that one write takes. */
  mostBytes = Infinity

  async makeFolder(path: string): Promise<void> {
    this.#count('makeFolder')
    await nodeFileSystem.makeFolder(path)
  }

  async list(path: string): Promise<string[]> {
    this.#count('list')
    if (this.listingsLeft-- <= 0) throw this.error
    return nodeFileSystem.list(path)
  }

  async create(path: string): Promise<NewFile> {
    this.#count('create')
    const file = await nodeFileSystem.create(path)
    return {
      write: async (bytes, offset) => {
        this.#count('file.write')
        return file.write(
          bytes.subarray(0, Math.min(bytes.length, offset + this.mostBytes)),
          offset,
        )
      },
      sync: async () => {
        this.#count('file.sync')
        await file.sync()
      },
      stamp: async () => {
        this.#count('file.stamp')
        return file.stamp()
      },
      close: async () => {
        await file.close()
        this.#count('file.close')
      },
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#count('rename')
    await nodeFileSystem.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.#count('remove')
    await nodeFileSystem.remove(path)
  }

  async syncFolder(path: string): Promise<void> {
    this.#count('syncFolder')
    await nodeFileSystem.syncFolder(path)
  }

  async touch(path: string, modifiedMs: number): Promise<void> {
    this.#count('touch')
    await nodeFileSystem.touch(path, modifiedMs)
  }

  read(path: string, maxBytes: number): ReturnType<FileSystem['read']> {
    this.#count('read')
    return nodeFileSystem.read(path, maxBytes)
  }

  stamp(path: string): ReturnType<FileSystem['stamp']> {
    this.#count('stamp')
    return nodeFileSystem.stamp(path)
  }

  #count(call: Call): void {
    this.calls.push(call)
    if (this.calls.length === this.failAt || this.refused.has(call)) throw this.error
  }
}

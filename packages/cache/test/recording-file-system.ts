/**
 * A file system in memory that records every operation, and can give back what a disk would hold if
 * the power had gone after any of them: content that was not flushed is gone, or cut, or zeroed, and
 * so are names whose folder was not flushed.
 */
import { basename, dirname } from 'node:path'

import type { FileContent, FileStamp, FileSystem, NewFile } from '../src/file-system.ts'

/** One step that reaches the disk. */
type Operation =
  | { readonly kind: 'create'; readonly file: number; readonly path: string }
  | { readonly kind: 'write'; readonly file: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'sync-folder'; readonly path: string }

/** What becomes of bytes that were written and not flushed. */
export type UnsyncedContent = 'kept' | 'gone' | 'cut' | 'zeroed'

/** What becomes of names that were made, moved or removed in a folder that was not flushed. */
export type UnsyncedNames = 'kept' | 'gone'

interface Inode {
  content: Buffer
  synced: Buffer
}

/** Files by path, and every step that led to them. */
export class RecordingFileSystem implements FileSystem {
  readonly operations: Operation[] = []
  readonly #files = new Map<string, number>()
  readonly #contents = new Map<number, Buffer>()
  #nextFile = 1

  /** A file system with these files. */
  static of(files: ReadonlyMap<string, Buffer>): RecordingFileSystem {
    const fs = new RecordingFileSystem()
    for (const [path, content] of files) {
      fs.#contents.set(fs.#nextFile, content)
      fs.#files.set(path, fs.#nextFile++)
    }
    return fs
  }

  /** The files as they are now. */
  files(): Map<string, Buffer> {
    return new Map([...this.#files].map(([path, file]) => [path, this.#contents.get(file)!]))
  }

  async makeFolder(): Promise<void> {
    // Folders are there: that they are made durable is tested with real ones.
  }

  async list(path: string): Promise<string[]> {
    return [...this.#files.keys()]
      .filter((file) => dirname(file) === path)
      .map((file) => basename(file))
  }

  async create(path: string): Promise<NewFile> {
    if (this.#files.has(path)) throw systemError('EEXIST')
    const file = this.#nextFile++
    this.#files.set(path, file)
    this.#contents.set(file, Buffer.alloc(0))
    this.operations.push({ kind: 'create', file, path })
    return {
      // Half of what is asked for, so that short writes are in every recording.
      write: async (bytes, offset) => {
        const step = Math.max(1, Math.ceil((bytes.length - offset) / 2))
        const piece = Buffer.from(bytes.subarray(offset, offset + step))
        this.#contents.set(file, Buffer.concat([this.#contents.get(file)!, piece]))
        this.operations.push({ kind: 'write', file, bytes: piece })
        return step
      },
      sync: async () => void this.operations.push({ kind: 'sync', file }),
      stamp: async () => this.#stampOf(file),
      close: async () => undefined,
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#files.set(to, this.#fileAt(from))
    this.#files.delete(from)
    this.operations.push({ kind: 'rename', from, to })
  }

  async remove(path: string): Promise<void> {
    this.#fileAt(path)
    this.#files.delete(path)
    this.operations.push({ kind: 'remove', path })
  }

  async syncFolder(path: string): Promise<void> {
    this.operations.push({ kind: 'sync-folder', path })
  }

  async touch(): Promise<void> {
    // Times are not content.
  }

  read(path: string, maxBytes: number): FileContent {
    const file = this.#fileAt(path)
    const bytes = this.#contents.get(file)!
    if (bytes.length > maxBytes) return { found: false, refused: 'too-large' }
    return { found: true, bytes, stamp: this.#stampOf(file) }
  }

  stamp(path: string): FileStamp | undefined {
    const file = this.#files.get(path)
    return file === undefined ? undefined : this.#stampOf(file)
  }

  #fileAt(path: string): number {
    const file = this.#files.get(path)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }

  #stampOf(file: number): FileStamp {
    return { inode: file, bytes: this.#contents.get(file)!.length, modifiedMs: 0 }
  }
}

/** What the disk holds if the power goes after the first `count` operations. */
export function crashAfter(
  before: ReadonlyMap<string, Buffer>,
  operations: readonly Operation[],
  count: number,
  content: UnsyncedContent,
  names: UnsyncedNames,
): Map<string, Buffer> {
  const inodes = new Map<number, Inode>()
  const volatileNames = new Map<string, number>()
  for (const [path, bytes] of before) {
    const file = -1 - inodes.size
    inodes.set(file, { content: bytes, synced: bytes })
    volatileNames.set(path, file)
  }
  let durableNames = new Map(volatileNames)
  for (const operation of operations.slice(0, count)) {
    switch (operation.kind) {
      case 'create':
        inodes.set(operation.file, { content: Buffer.alloc(0), synced: Buffer.alloc(0) })
        volatileNames.set(operation.path, operation.file)
        break
      case 'write': {
        const inode = inodes.get(operation.file)!
        inode.content = Buffer.concat([inode.content, operation.bytes])
        break
      }
      case 'sync': {
        const inode = inodes.get(operation.file)!
        inode.synced = inode.content
        break
      }
      case 'rename':
        volatileNames.set(operation.to, volatileNames.get(operation.from)!)
        volatileNames.delete(operation.from)
        break
      case 'remove':
        volatileNames.delete(operation.path)
        break
      case 'sync-folder':
        durableNames = new Map(volatileNames)
    }
  }
  const survivors = names === 'kept' ? volatileNames : durableNames
  return new Map(
    [...survivors].map(([path, file]) => [path, afterCrash(inodes.get(file)!, content)]),
  )
}

function afterCrash({ content, synced }: Inode, unsynced: UnsyncedContent): Buffer {
  if (unsynced === 'kept') return content
  if (unsynced === 'gone') return synced
  const half = synced.length + Math.floor((content.length - synced.length) / 2)
  if (unsynced === 'cut') return content.subarray(0, half)
  return Buffer.concat([content.subarray(0, half), Buffer.alloc(content.length - half)])
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/**
 * What the store asks of a file system, and no more. Reads of single files are synchronous: they
 * take some 20 us, a trip through the thread pool ten times that. Writes are asynchronous.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'

import { codeOf } from './system-error.ts'

/** Tells one version of a file from the next without reading it. */
export interface FileStamp {
  readonly inode: number
  readonly bytes: number
  readonly modifiedMs: number
}

/** A file that was just created and is still open. */
export interface NewFile {
  /** Writes `bytes` from `offset` on; may write less. Resolves to how many were written. */
  write(bytes: Uint8Array, offset: number): Promise<number>
  /** Resolves once the content is on the disk. */
  sync(): Promise<void>
  stamp(): Promise<FileStamp>
  close(): Promise<void>
}

/** The content of a file, or why it was not read. */
export type FileContent =
  | { readonly found: true; readonly bytes: Buffer; readonly stamp: FileStamp }
  | { readonly found: false; readonly size?: number; readonly refused: 'too-large' | 'not-a-file' }

/** The seam behind which a test puts a file system that fails, or that records. */
export interface FileSystem {
  /** Creates a folder and those above it, for this user only, and makes them durable. */
  makeFolder(path: string): Promise<void>
  /** Names in a folder. */
  list(path: string): Promise<string[]>
  /** Creates a file that must not exist, for this user only. */
  create(path: string): Promise<NewFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes the names in a folder durable, where the file system can. */
  syncFolder(path: string): Promise<void>
  /** Sets when a file was last modified, to a whole millisecond. */
  touch(path: string, modifiedMs: number): Promise<void>
  /** Reads a regular file of at most `maxBytes`. */
  read(path: string, maxBytes: number): FileContent
  /** The stamp of a file, or `undefined` where there is none. */
  stamp(path: string): FileStamp | undefined
}

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** A link is not followed out of the folder, and a pipe does not block. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Answers of file systems, some of them on a network, that do not flush folders. */
const CANNOT_FLUSH = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS'])

const MS_PER_SECOND = 1000

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    let isNew: boolean
    try {
      isNew = await makeOneFolder(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
      await nodeFileSystem.makeFolder(dirname(path))
      // Tried once more and no further: where ENOENT does not mean that the parent is missing, as in
      // /proc, `mkdir` with `recursive` would try for ever.
      isNew = await makeOneFolder(path)
    }
    // A new folder is durable only with the one it is in.
    if (isNew) await nodeFileSystem.syncFolder(dirname(path))
  },

  list: (path) => readdir(path),

  async create(path) {
    const handle = await open(path, 'wx', FILE_MODE)
    return {
      write: async (bytes, offset) => (await handle.write(bytes, offset)).bytesWritten,
      sync: () => handle.sync(),
      stamp: async () => stampOf(await handle.stat()),
      close: () => handle.close(),
    }
  },

  rename,
  remove: unlink,

  async syncFolder(path) {
    // Windows neither opens folders nor needs to.
    if (process.platform === 'win32') return
    const handle = await open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } catch (error) {
      // As on Windows: the rename has succeeded, and no other attempt could do more for it.
      if (!CANNOT_FLUSH.has(codeOf(error) ?? '')) throw error
    } finally {
      await handle.close()
    }
  },

  async touch(path, modifiedMs) {
    // Half a millisecond in, so that no rounding on the way takes it below the whole one.
    const seconds = (modifiedMs + 0.5) / MS_PER_SECOND
    await utimes(path, seconds, seconds)
  },

  read(path, maxBytes) {
    const file = openRegular(path)
    if (file === undefined) return { found: false, refused: 'not-a-file' }
    try {
      const stats = fstatSync(file)
      if (!stats.isFile()) return { found: false, refused: 'not-a-file' }
      if (stats.size > maxBytes) return { found: false, refused: 'too-large', size: stats.size }
      return { found: true, bytes: readAll(file, stats.size), stamp: stampOf(stats) }
    } finally {
      closeSync(file)
    }
  },

  stamp(path) {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats && stampOf(stats)
  },
}

/** `undefined` for what opening alone tells to be a link or a socket. */
function openRegular(path: string): number | undefined {
  try {
    return openSync(path, READ_FLAGS)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ELOOP' || code === 'ENXIO') return undefined
    throw error
  }
}

/** Reads may be short, and a file may have shrunk since its size was taken. */
function readAll(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let length = 0
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

/** Whole milliseconds: `touch` cannot set the finer part. */
function stampOf({ ino, size, mtimeMs }: Stats): FileStamp {
  return { inode: ino, bytes: size, modifiedMs: Math.floor(mtimeMs) }
}

/** True where two stamps are of the same version of a file. */
export function isSameVersion(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.bytes === b.bytes && a.modifiedMs === b.modifiedMs
}

/** Creates a folder in one that is there; whether it was missing. */
async function makeOneFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: FOLDER_MODE })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false
    throw error
  }
}

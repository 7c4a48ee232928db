/**
 * Replaces a file as a whole or not at all: a temporary file is created exclusively under a name
 * that cannot be guessed, written whole, flushed and renamed; then the folder is flushed, since a
 * rename is durable only with its folder. Whoever dies on the way leaves the old file, or none.
 */
import { join } from 'node:path'

import { temporaryFileName } from './file-name.ts'
import type { FileStamp, FileSystem, NewFile } from './file-system.ts'

/**
 * Writes a file atomically, but for flushing the folder.
 *
 * @returns The stamp of the file. Rejects with what the file system said, nothing changed.
 */
export async function replaceFile(
  fs: FileSystem,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<FileStamp> {
  const temporary = join(folder, temporaryFileName())
  const file = await fs.create(temporary)
  try {
    const stamp = await fill(file, bytes)
    await fs.rename(temporary, join(folder, name))
    return stamp
  } catch (error) {
    await fs.remove(temporary).catch(() => {
      // It is found and removed once it is old.
    })
    throw error
  }
}

/** A failed flush is never tried again: the kernel has dropped the pages and would report success. */
async function fill(file: NewFile, bytes: Uint8Array): Promise<FileStamp> {
  try {
    let written = 0
    while (written < bytes.length) {
      const step = await file.write(bytes, written)
      if (step === 0) throw new Error(`Expected to write on, but byte ${written} was refused.`)
      written += step
    }
    await file.sync()
    return await file.stamp()
  } finally {
    await file.close()
  }
}

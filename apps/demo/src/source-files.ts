/** The input of the demo: the source files of every package that is installed for this repository. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What was found. */
export interface SourceFiles {
  readonly paths: string[]
  readonly totalBytes: number
  readonly largestBytes: number
}

const SOURCE = /\.([cm]?[jt]sx?|json|md)$/

/**
 * Finds the source files below a folder, and reads each once: the plain loop, which runs first, is
 * not to be the only one that waits for the disk.
 */
export function findSourceFiles(root: string): SourceFiles {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    // The links between packages would count every file several times.
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  const sizes = paths.map((path) => readFileSync(path).byteLength)
  return {
    paths,
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
    largestBytes: sizes.reduce((largest, size) => Math.max(largest, size), 0),
  }
}

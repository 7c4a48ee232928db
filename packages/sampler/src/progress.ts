/**
 * Which item a worker is at, told in a way that outlives the worker: a crash, an endless loop and
 * the kernel's kill leave no time to say it. A thread writes to memory that it shares with the
 * pool; a child process to a file that was deleted as soon as both had opened it.
 */

const { closeSync, openSync, readSync, rmSync, writeSync } = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')

/** How a worker finds the place to write to: shared memory, or the path of a file. */
export type ProgressPlace = SharedArrayBuffer | string

/** A chunk, by its number, and the place in it of the item that was started last. */
export interface Position {
  readonly chunk: number
  readonly offset: number
}

/** Two integers: the chunk and the offset in it. */
const FIELDS = 2

/** The pool's end. */
export interface ProgressReader {
  /** To be sent to the worker with its first chunk. */
  readonly place: ProgressPlace
  /** Where the worker is, or was when it died; chunks are numbered from 1. */
  read(): Position
  /** Called once, when the worker is gone; `read()` keeps its last answer. */
  close(): void
}

/** Progress of a thread. */
export function sharedProgress(): ProgressReader {
  const place = new SharedArrayBuffer(FIELDS * Int32Array.BYTES_PER_ELEMENT)
  const fields = new Int32Array(place)
  return { place, read: () => toPosition(fields), close: () => {} }
}

/** Progress of a child process; `undefined` where no temporary file can be made. */
export function fileProgress(): ProgressReader | undefined {
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`
  const { tmpdir } = process.getBuiltinModule('node:os')
  const place = path.join(tmpdir(), `amorsize-${unique}`)
  const fields = new Int32Array(FIELDS)
  let file: number | undefined
  try {
    file = openSync(place, 'wx+', 0o600)
    // Room for the fields, so that no later write can find the disk full.
    writeSync(file, fields, 0, fields.byteLength, 0)
  } catch {
    return undefined
  }
  const read = (): Position => {
    if (file !== undefined) readSync(file, fields, 0, fields.byteLength, 0)
    return toPosition(fields)
  }
  const close = (): void => {
    if (file === undefined) return
    read()
    closeSync(file)
    file = undefined
    // The worker deletes it when it opens it, but may have died before.
    remove(place)
  }
  return { place, read, close }
}

/** The worker's end: tells that an item starts. */
export type ProgressWriter = (chunk: number, offset: number) => void

/** Opens the place that the pool named. */
export function openProgress(place: ProgressPlace): ProgressWriter {
  if (typeof place !== 'string') {
    const fields = new Int32Array(place)
    return (chunk, offset) => {
      fields[0] = chunk
      fields[1] = offset
    }
  }
  const fields = new Int32Array(FIELDS)
  const file = openSync(place, 'r+')
  remove(place)
  return (chunk, offset) => {
    fields[0] = chunk
    fields[1] = offset
    writeSync(file, fields, 0, fields.byteLength, 0)
  }
}

/** Some systems keep a file that is open; what is left is a few bytes in the temporary folder. */
function remove(place: string): void {
  try {
    rmSync(place, { force: true })
  } catch {
    // It is not worth a worker.
  }
}

function toPosition(fields: Int32Array): Position {
  const [chunk = 0, offset = 0] = fields
  return { chunk, offset }
}

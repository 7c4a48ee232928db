/**
 * Which item a worker is at, told in a way that outlives the worker: a crash, an endless loop and
 * the kernel's kill leave no time to say it. A thread writes to memory that it shares with the
 * pool; a child process to a file that was deleted as soon as both had opened it.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
  const place = join(tmpdir(), `amorsize-${unique}`)
  const fields = new Int32Array(FIELDS)
  let file: number | undefined
  try {
    file = openSync(place, 'wx+', 0o600)
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
    rmSync(place, { force: true })
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
  rmSync(place, { force: true })
  return (chunk, offset) => {
    fields[0] = chunk
    fields[1] = offset
    writeSync(file, fields, 0, fields.byteLength, 0)
  }
}

function toPosition(fields: Int32Array): Position {
  const [chunk = 0, offset = 0] = fields
  return { chunk, offset }
}

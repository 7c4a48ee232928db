/**
 * Which item a worker is at, told in a way that outlives the worker: a crash, an endless loop and
 * the kernel's kill leave no time to say it. A thread writes to memory that it shares with the
 * pool; a child process to a file that was deleted as soon as both had opened it. The pool writes
 * there too: behind which chunk the worker is to stop, which no message could tell one that is busy.
 */

const { closeSync, openSync, readSync, rmSync, writeSync } = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')

/** How a worker finds the place to write to: shared memory, or the path of a file. */
export type ProgressPlace = SharedArrayBuffer | string

/** Where a worker is. */
export interface Position {
  /** Number of the chunk that was taken up last: those before it were run, and their replies sent. */
  readonly chunk: number
  /** Place in the chunk of the item that was started last, or one of the two below. */
  readonly offset: number
}

/** Before the first item of a chunk: its task may still be loading. */
export const BEFORE_ITEMS = -1

/** After the last item of a chunk. */
export const AFTER_ITEMS = -2

/** Integers that the worker writes: the chunk and the offset in it. */
const POSITION_FIELDS = 2

/** The one that the pool writes: the last chunk that may start, 0 for any. */
const LAST_FIELD = 2

const FIELDS = 3

const FIELD_BYTES = Int32Array.BYTES_PER_ELEMENT

/** The pool's end. */
export interface ProgressReader {
  /** To be sent to the worker with its first chunk. */
  readonly place: ProgressPlace
  /** Where the worker is, or was when it died; chunks are numbered from 1. */
  read(): Position
  /**
   * Lets no chunk start after this one until told otherwise. Where `read()` says afterwards that the
   * worker is at this chunk, no item of a later one starts: the worker tells which chunk it takes up
   * before it looks whether it may go on.
   * @param chunk - Number of a chunk; 0 lets all of them start.
   */
  stopAfter(chunk: number): void
  /** Called once, when the worker is gone; `read()` keeps its last answer. */
  close(): void
}

/** Progress of a thread. */
export function sharedProgress(): ProgressReader {
  const place = new SharedArrayBuffer(FIELDS * FIELD_BYTES)
  const fields = new Int32Array(place)
  return {
    place,
    // A plain read might come before the write of `stopAfter()` on processors that reorder them.
    read: () => toPosition([Atomics.load(fields, 0), Atomics.load(fields, 1)]),
    stopAfter: (chunk) => void Atomics.store(fields, LAST_FIELD, chunk),
    close: () => {},
  }
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
    if (file !== undefined) {
      closeSync(file)
      remove(place)
    }
    return undefined
  }
  const read = (): Position => {
    if (file !== undefined) readSync(file, fields, 0, fields.byteLength, 0)
    return toPosition(fields)
  }
  const stopAfter = (chunk: number): void => {
    if (file === undefined) return
    writeSync(file, Int32Array.of(chunk), 0, FIELD_BYTES, LAST_FIELD * FIELD_BYTES)
  }
  const close = (): void => {
    if (file === undefined) return
    read()
    closeSync(file)
    file = undefined
    // The worker deletes it when it opens it, but may have died before.
    remove(place)
  }
  return { place, read, stopAfter, close }
}

/** The worker's end. */
export interface ProgressWriter {
  /** Tells that a chunk is taken up or over, or that an item starts. */
  tell(chunk: number, offset: number): void
  /** Whether a chunk that was taken up may start. */
  mayStart(chunk: number): boolean
}

/** Opens the place that the pool named. */
export function openProgress(place: ProgressPlace): ProgressWriter {
  if (typeof place !== 'string') {
    const fields = new Int32Array(place)
    return {
      tell: (chunk, offset) => {
        // The other way round a chunk would show for a moment with the offset of the one before it.
        fields[1] = offset
        // Not for each item: it takes longer than a plain write.
        if (fields[0] !== chunk) Atomics.store(fields, 0, chunk)
      },
      mayStart: (chunk) => isWithin(chunk, Atomics.load(fields, LAST_FIELD)),
    }
  }
  const position = new Int32Array(POSITION_FIELDS)
  const last = new Int32Array(1)
  const file = openSync(place, 'r+')
  remove(place)
  return {
    tell: (chunk, offset) => {
      position[0] = chunk
      position[1] = offset
      writeSync(file, position, 0, position.byteLength, 0)
    },
    mayStart: (chunk) => {
      readSync(file, last, 0, FIELD_BYTES, LAST_FIELD * FIELD_BYTES)
      return isWithin(chunk, last[0]!)
    },
  }
}

function isWithin(chunk: number, last: number): boolean {
  return last === 0 || chunk <= last
}

/** Some systems keep a file that is open; what is left is a few bytes in the temporary folder. */
function remove(place: string): void {
  try {
    rmSync(place, { force: true })
  } catch {
    // It is not worth a worker.
  }
}

function toPosition(fields: Iterable<number>): Position {
  const [chunk = 0, offset = BEFORE_ITEMS] = fields
  return { chunk, offset }
}

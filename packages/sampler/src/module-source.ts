/** The text of a task's module, read anew only when its file may have changed. */
import { TaskLoadError } from './errors.ts'

const { readFileSync, statSync } = process.getBuiltinModule('node:fs')
const { fileURLToPath } = process.getBuiltinModule('node:url')

/** What tells one state of a file from another. */
interface Stamp {
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}

interface Known extends Stamp {
  readonly file: string
  readonly text: string
  /** When the file was last looked at, milliseconds. */
  lookedAtMs: number
}

/**
 * To look at a file is a good part of what a call does before its first chunk, and what the module was
 * when it was imported runs in any case: a file that changes is noticed so much later, milliseconds.
 */
const LOOK_INTERVAL_MS = 100

/** A file changed as short ago as this may change again within the same tick of its clock. */
const SURELY_OVER_MS = 1000

const MOST_KNOWN = 100
const known = new Map<string, Known>()

/**
 * The text of a module, from memory where its file is the one that was read last.
 *
 * @param url - A file: URL.
 * @throws {@link TaskLoadError} where it cannot be read.
 */
export function readModule(url: string): string {
  try {
    const last = known.get(url)
    const nowMs = performance.now()
    if (last && nowMs - last.lookedAtMs < LOOK_INTERVAL_MS) return last.text
    const file = last?.file ?? fileURLToPath(url)
    const stamp = statSync(file)
    if (last && isSame(last, stamp)) {
      last.lookedAtMs = nowMs
      return last.text
    }
    const text = readFileSync(file, 'utf8')
    known.delete(url)
    if (Date.now() - stamp.ctimeMs > SURELY_OVER_MS) remember(url, file, stamp, text)
    return text
  } catch (cause) {
    throw new TaskLoadError(
      `The module ${url} could not be read.`,
      url,
      'Check the path; a URL relative to the current file is new URL(…, import.meta.url).',
      cause,
    )
  }
}

function remember(url: string, file: string, stamp: Stamp, text: string): void {
  const { ino, size, mtimeMs, ctimeMs } = stamp
  const [oldest] = known.keys()
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest)
  const lookedAtMs = performance.now()
  known.set(url, { ino, size, mtimeMs, ctimeMs, file, text, lookedAtMs })
}

function isSame(one: Stamp, other: Stamp): boolean {
  return (
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs
  )
}

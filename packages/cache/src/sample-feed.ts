/**
 * What has come into a folder since an earlier look: its names are compared with those seen, and only
 * the new files are read. Most looks end with one `stat`, because nothing has changed.
 */
import type { Clock } from './clock.ts'
import type { FileStamp } from './file-system.ts'
import { isSameVersion } from './file-system.ts'
import { isSampleFile } from './file-name.ts'
import type { Folder } from './folder.ts'
import { FolderSamples } from './folder-samples.ts'
import type { NamedSample } from './folder-samples.ts'
import { historyOf, historyUnlisted, readFiles } from './history.ts'
import { EMPTY_SNAPSHOT } from './snapshot.ts'
import type { History, Samples } from './samples.ts'
import type { SampleCursor } from './store.ts'

/**
 * Some file systems note the time of a change to two seconds: a folder that changed so lately may
 * change again without a new time.
 */
const TIME_GRAIN_MS = 2000

/** What a caller has been told of. */
interface Seen {
  /** Made a set when a later look needs one. */
  readonly names: () => ReadonlySet<string>
  /** The folder as it was when it was listed; `undefined` where it may change unnoticed. */
  readonly stamp: FileStamp | undefined
  /** False while no look could list the folder: the caller has only what memory had. */
  readonly isWhole: boolean
}

const NOTHING_SEEN: Seen = { names: () => new Set(), stamp: undefined, isWhole: false }

/** What a look found. */
export interface FeedUpdate {
  /** The whole history, where it has to be taken anew; else only what is new. */
  readonly history: History
  /** Whether `history` is the whole of it. */
  readonly replacesAll: boolean
  readonly cursor: SampleCursor
}

/** Looks at a folder for one caller or several, each with a cursor of its own. */
export class SampleFeed {
  readonly #folder: Folder
  readonly #samples: Samples
  readonly #clock: Clock
  readonly #seen = new WeakMap<SampleCursor, Seen>()

  constructor(folder: Folder, samples: Samples, clock: Clock) {
    this.#folder = folder
    this.#samples = samples
    this.#clock = clock
  }

  /** What has come since `cursor` was given; everything for a cursor that is not of this feed. */
  async update(cursor: SampleCursor | undefined): Promise<FeedUpdate> {
    const seen = cursor && this.#seen.get(cursor)
    // Before the folder is listed, so that a change in between is noticed the next time.
    const stamp = this.#stamp()
    if (!cursor || !seen?.isWhole) return this.#readAll(seen ?? NOTHING_SEEN, stamp)
    const unsaved = this.#samples.unsavedExcept((name) => seen.names().has(name))
    if (seen.stamp && stamp && isSameVersion(seen.stamp, stamp)) {
      if (unsaved.length === 0) return { history: partOf([]), replacesAll: false, cursor }
      return this.#give(seen, partOf(unsaved), seen.stamp)
    }
    let names: string[]
    try {
      names = await this.#folder.list()
    } catch (error) {
      return this.#giveUnlisted(seen, error)
    }
    return this.#giveNew(seen, unsaved, names.filter(isSampleFile), stamp)
  }

  async #readAll(seen: Seen, stamp: FileStamp | undefined): Promise<FeedUpdate> {
    const history = await this.#samples.readHistory()
    if (history.refusal !== undefined) return this.#giveUnlisted(seen, history.refusal)
    const cursor = {}
    this.#seen.set(cursor, { names: once(() => new Set(namesIn(history))), stamp, isWhole: true })
    return { history, replacesAll: true, cursor }
  }

  async #giveNew(
    seen: Seen,
    unsaved: readonly NamedSample[],
    names: readonly string[],
    stamp: FileStamp | undefined,
  ): Promise<FeedUpdate> {
    const seenNames = seen.names()
    if (this.#isAnyGone(seenNames, names)) return this.#readAll(seen, stamp)
    const fresh = new Set(unsaved.map(({ name }) => name))
    const missing = names.filter((name) => !seenNames.has(name) && !fresh.has(name))
    const { rows, ...passedOver } = await readFiles(this.#folder, missing)
    return this.#give(seen, { ...partOf([...unsaved, ...rows]), ...passedOver }, stamp)
  }

  /**
   * What memory has is new all the same, and nothing that was given before is taken back. Without a
   * stamp, the next look lists the folder again.
   */
  #giveUnlisted(seen: Seen, refusal: unknown): FeedUpdate {
    const names = seen.names()
    const unsaved = this.#samples.unsavedExcept((name) => names.has(name))
    return this.#give(seen, { ...historyUnlisted(refusal), unsaved }, undefined)
  }

  #give(seen: Seen, history: History, stamp: FileStamp | undefined): FeedUpdate {
    const cursor = {}
    const all = new Set([...seen.names(), ...namesIn(history)])
    this.#seen.set(cursor, { names: () => all, stamp, isWhole: seen.isWhole })
    return { history, replacesAll: false, cursor }
  }

  #isAnyGone(seen: ReadonlySet<string>, names: readonly string[]): boolean {
    const present = new Set(names)
    for (const name of seen) if (!present.has(name) && !this.#samples.isUnsaved(name)) return true
    return false
  }

  #stamp(): FileStamp | undefined {
    try {
      const stamp = this.#folder.stamp('.')
      const isOld = stamp && this.#clock.now() - stamp.modifiedMs > TIME_GRAIN_MS
      return isOld ? stamp : undefined
    } catch {
      return undefined
    }
  }
}

function partOf(found: readonly NamedSample[]): History {
  const samples = new FolderSamples(EMPTY_SNAPSHOT, new Uint32Array(), found)
  return { ...historyOf(samples), unsaved: [] }
}

/** What need not be looked at again; a file that was refused is tried when the folder has changed. */
function namesIn({ found, unsaved, skipped, unread }: History): string[] {
  const refused = new Set(unread)
  const damaged = skipped.map(({ file }) => file).filter((file) => !refused.has(file))
  return [
    ...found.names(),
    ...unsaved.map(({ name }) => name),
    ...damaged.filter((name) => isSampleFile(name)),
  ]
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

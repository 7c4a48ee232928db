/** The training samples: one file each, never rewritten, and those that only memory has. */
import type { Clock } from './clock.ts'
import type { SaveOutcome } from './decisions.ts'
import { isExpired } from './expiry.ts'
import { sampleFileName } from './file-name.ts'
import type { Folder } from './folder.ts'
import type { FolderSamples, NamedSample } from './folder-samples.ts'
import { readHistory } from './history.ts'
import type { FolderHistory } from './history.ts'
import { readSample, writeSample } from './record-reader.ts'
import type { TrainingSample } from './records.ts'
import { parseRecordText } from './record-text.ts'
import type { Retention } from './store-options.ts'

/** What a folder holds, with what is still on its way there. */
export interface History extends FolderHistory {
  /** Samples that only memory has. */
  readonly unsaved: readonly NamedSample[]
}

/** Adds and loads samples. */
export class Samples {
  readonly #folder: Folder
  readonly #clock: Clock
  readonly #retention: Retention
  /** Text of the samples that are not on the disk, by name, the oldest first. */
  readonly #unsaved = new Map<string, string>()

  constructor(folder: Folder, clock: Clock, retention: Retention) {
    this.#folder = folder
    this.#clock = clock
    this.#retention = retention
  }

  /**
   * Keeps a sample in memory until it is on the disk.
   *
   * @returns What brings it to the disk; rejects with what the file system said, and memory has the
   * sample still.
   */
  add(sample: TrainingSample): () => Promise<SaveOutcome> {
    const { value, text } = writeSample(sample)
    const name = sampleFileName(value.functionSignature, value.timestampMs)
    this.#unsaved.set(name, text)
    if (this.#unsaved.size > this.#retention.maxEntries) this.#dropOldestUnsaved()
    return () => this.#save(name, text)
  }

  /** Tries once more to write what only memory has. */
  async saveUnsaved(): Promise<void> {
    for (const [name, text] of this.#unsaved) await this.#save(name, text)
  }

  /** Every sample, expired ones included. */
  async readHistory(): Promise<History> {
    // Taken before the folder is listed: a sample on its way is then seen once, here or there.
    const unsaved = [...this.#unsaved].flatMap(([name, text]) => parseUnsaved(name, text))
    const names = new Set(unsaved.map(({ name }) => name))
    return { ...(await readHistory(this.#folder, names)), unsaved }
  }

  /** The samples of a history that have not expired, the oldest first. */
  live({ found, unsaved }: History): FolderSamples {
    const now = this.#clock.now()
    const all = found.with(unsaved)
    let first = 0
    while (
      first < all.length &&
      isExpired(all.timestampAt(first), now, this.#retention.sampleTtlMs)
    )
      first++
    return all.from(first)
  }

  /** Samples that only memory has, but for those known. */
  unsavedExcept(isKnown: (name: string) => boolean): NamedSample[] {
    return [...this.#unsaved].flatMap(([name, text]) =>
      isKnown(name) ? [] : parseUnsaved(name, text),
    )
  }

  /** Whether only memory has a sample. */
  isUnsaved(name: string): boolean {
    return this.#unsaved.has(name)
  }

  /** Forgets what only memory has; how many samples that were. */
  forget(): number {
    const { size } = this.#unsaved
    this.#unsaved.clear()
    return size
  }

  async #save(name: string, text: string): Promise<SaveOutcome> {
    await this.#folder.write(name, Buffer.from(text))
    this.#unsaved.delete(name)
    return 'saved'
  }

  #dropOldestUnsaved(): void {
    for (const [name] of this.#unsaved) {
      this.#unsaved.delete(name)
      return
    }
  }
}

/** The text was checked when it was made. */
function parseUnsaved(name: string, text: string): NamedSample[] {
  const parsed = parseRecordText(text)
  if (!parsed.ok) return []
  const read = readSample(parsed.value)
  return read.ok ? [{ name, sample: read.value.sample }] : []
}

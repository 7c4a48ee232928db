/** The training samples of a folder: one file each, never rewritten. */
import type { Clock } from './clock.ts'
import { isExpired } from './expiry.ts'
import { isSampleFile, sampleFileName } from './file-name.ts'
import { codeOf } from './folder.ts'
import type { Folder } from './folder.ts'
import { readSample, writeSample } from './record-reader.ts'
import type { TrainingSample } from './records.ts'
import { MAX_RECORD_BYTES, parseRecord, parseRecordText } from './record-text.ts'
import type { LoadedSamples, SkippedFile } from './store.ts'
import type { Retention } from './store-options.ts'
import { inTurns } from './turns.ts'

/** A sample and the file that it is in. */
export interface NamedSample {
  readonly name: string
  readonly sample: TrainingSample
}

/** Samples with their names, and the files that hold none. */
export interface NamedSamples {
  readonly found: NamedSample[]
  readonly skipped: SkippedFile[]
}

/** Samples in a folder, and those that only memory has. */
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
  add(sample: TrainingSample): () => Promise<void> {
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

  /** Every sample that has not expired, oldest first, and the files that hold none. */
  async load(): Promise<LoadedSamples> {
    const { found, skipped } = await this.loadNamed()
    const now = this.#clock.now()
    const samples = found
      .map(({ sample }) => sample)
      .filter(({ timestampMs }) => !isExpired(timestampMs, now, this.#retention.sampleTtlMs))
    return { samples, skipped }
  }

  /** Every sample with its name, expired ones included, oldest first. */
  async loadNamed(): Promise<NamedSamples> {
    const skipped: SkippedFile[] = []
    const found = [...this.#readUnsaved(), ...(await this.#readFolder(skipped))]
    return { found: found.toSorted(byAge), skipped }
  }

  /** Forgets what memory has; how many samples that were. */
  forget(): number {
    const { size } = this.#unsaved
    this.#unsaved.clear()
    return size
  }

  async #save(name: string, text: string): Promise<void> {
    await this.#folder.write(name, Buffer.from(text))
    this.#unsaved.delete(name)
  }

  #dropOldestUnsaved(): void {
    for (const [name] of this.#unsaved) {
      this.#unsaved.delete(name)
      return
    }
  }

  #readUnsaved(): NamedSample[] {
    return [...this.#unsaved].flatMap(([name, text]) => {
      const parsed = parseRecordText(text)
      const read = parsed.ok ? readSample(parsed.value) : parsed
      return read.ok ? [{ name, sample: read.value }] : []
    })
  }

  async #readFolder(skipped: SkippedFile[]): Promise<NamedSample[]> {
    const names = (await listed(this.#folder, skipped)).filter(
      (name) => isSampleFile(name) && !this.#unsaved.has(name),
    )
    const found: NamedSample[] = []
    for await (const name of inTurns(names.toSorted())) {
      const read = readSampleFile(this.#folder, name)
      if (read === 'gone') continue
      if (read.ok) found.push({ name, sample: read.value })
      else skipped.push({ file: name, reason: read.reason })
    }
    return found
  }
}

/** What reading a sample's file gave; a file that was not read need not be damaged. */
export type SampleRead =
  | { readonly ok: true; readonly value: TrainingSample }
  | { readonly ok: false; readonly isDamaged: boolean; readonly reason: string }

/** Reads one sample's file; it may be gone since it was listed. */
export function readSampleFile(folder: Folder, name: string): SampleRead | 'gone' {
  try {
    const content = folder.read(name, MAX_RECORD_BYTES)
    if (!content.found) return { ok: false, isDamaged: true, reason: content.refused }
    const parsed = parseRecord(content.bytes)
    const read = parsed.ok ? readSample(parsed.value) : parsed
    return read.ok ? read : { ...read, isDamaged: true }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return 'gone'
    return {
      ok: false,
      isDamaged: false,
      reason: `the file system refused: ${code ?? String(error)}`,
    }
  }
}

async function listed(folder: Folder, skipped: SkippedFile[]): Promise<string[]> {
  try {
    return await folder.list()
  } catch (error) {
    skipped.push({
      file: '.',
      reason: `the file system refused: ${codeOf(error) ?? String(error)}`,
    })
    return []
  }
}

function byAge(a: NamedSample, b: NamedSample): number {
  if (a.sample.timestampMs !== b.sample.timestampMs)
    return a.sample.timestampMs - b.sample.timestampMs
  return a.name < b.name ? -1 : 1
}

/**
 * What belongs to no one workload, such as the costs of a machine: small JSON objects by key. They are
 * read seldom, so nothing is kept in memory but what the disk has refused so far.
 */
import { isDeepStrictEqual } from 'node:util'

import type { SaveOutcome } from './decisions.ts'
import { isRecord } from './disk-format.ts'
import { InvalidRecordError } from './errors.ts'
import { documentFileName } from './file-name.ts'
import type { Folder } from './folder.ts'
import { MAX_RECORD_BYTES, parseRecord, parseRecordText, serializeRecord } from './record-text.ts'
import type { Outcome } from './record-text.ts'
import { codeOf, refusalOf } from './system-error.ts'

/** A document, the key that it was kept under, and why there is none. */
export type DocumentRead =
  | { readonly ok: true; readonly key: string; readonly document: object }
  | { readonly ok: false; readonly how: 'gone' | 'damaged' | 'unreadable'; readonly reason: string }

/** Documents by key in a folder. */
export class Documents {
  readonly #folder: Folder
  /** Texts that are not on the disk yet. */
  readonly #unsaved = new Map<string, string>()
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor(folder: Folder) {
    this.#folder = folder
  }

  /** The document of a key, a copy of its own; `undefined` where there is none that can be read. */
  get(key: string): object | undefined {
    const unsaved = this.#unsaved.get(key)
    if (unsaved !== undefined) return documentOf(unsaved)
    const read = this.read(documentFileName(key))
    return read.ok && read.key === key ? read.document : undefined
  }

  /**
   * Keeps a document in memory.
   *
   * @returns What brings it to the disk, after earlier writes. Rejects with what the file system said,
   * and memory has the document still.
   */
  put(key: string, document: object): () => Promise<SaveOutcome> {
    const text = documentText(key, document)
    this.#unsaved.set(key, text)
    return () => this.#save(key, text)
  }

  /** Tries once more to write what only memory has. */
  async saveUnsaved(): Promise<void> {
    for (const [key, text] of this.#unsaved) await this.#save(key, text)
  }

  /** Forgets what only memory has. */
  forget(): void {
    this.#unsaved.clear()
  }

  /** Reads the file of a document. */
  read(name: string): DocumentRead {
    try {
      const content = this.#folder.read(name, MAX_RECORD_BYTES)
      if (!content.found) return { ok: false, how: 'damaged', reason: content.refused }
      const read = readDocument(parseRecord(content.bytes))
      return read.ok ? read.value : { ok: false, how: 'damaged', reason: read.reason }
    } catch (error) {
      const how = codeOf(error) === 'ENOENT' ? 'gone' : 'unreadable'
      return { ok: false, how, reason: refusalOf(error) }
    }
  }

  #save(key: string, text: string): Promise<SaveOutcome> {
    const written = this.#lastWrite.then(async (): Promise<SaveOutcome> => {
      await this.#folder.write(documentFileName(key), Buffer.from(text))
      if (this.#unsaved.get(key) === text) this.#unsaved.delete(key)
      return 'saved'
    })
    // Whoever asked for it is told of its failure.
    this.#lastWrite = written.catch(() => {})
    return written
  }
}

/**
 * The text of a document with its key.
 *
 * @throws InvalidRecordError - code `AMORSIZE_CACHE_INVALID_RECORD`, where JSON would give back
 * something else than was given.
 */
export function documentText(key: string, document: object): string {
  if (!isRecord(document)) throw new InvalidRecordError('document', 'it is no object', document)
  const text = serializeRecord({ key, document })
  if (!text.ok) throw new InvalidRecordError('document', text.reason, document)
  if (isDeepStrictEqual(documentOf(text.value), document)) return text.value
  throw new InvalidRecordError('document', 'it holds what JSON cannot', document)
}

/** The document of a text that {@link documentText} made. */
export function documentOf(text: string): object | undefined {
  const read = readDocument(parseRecordText(text))
  return read.ok ? read.value.document : undefined
}

function readDocument(
  parsed: Outcome<Record<string, unknown>>,
): Outcome<DocumentRead & { ok: true }> {
  if (!parsed.ok) return parsed
  const { key, document } = parsed.value
  if (typeof key === 'string' && isRecord(document))
    return { ok: true, value: { ok: true, key, document } }
  return { ok: false, reason: 'without a key and a document' }
}

/** Loading samples, written to be obviously right: every file, every time. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { TrainingSample } from '../../src/index.ts'
import { readSample } from '../../src/record-reader.ts'

/** Every sample of a folder, oldest first, equal times in the order of names. */
export function readFileByFile(directory: string): TrainingSample[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('ml_training_'))
    .toSorted()
    .flatMap((name) => {
      const read = readSample(JSON.parse(readFileSync(join(directory, name), 'utf8')))
      return read.ok ? [read.value.sample] : []
    })
    .toSorted((a, b) => a.timestampMs - b.timestampMs)
}

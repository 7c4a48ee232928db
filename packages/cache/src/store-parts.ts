/** What the upkeep of a JSON store works on. */
import type { Clock } from './clock.ts'
import type { Decisions } from './decisions.ts'
import type { Documents } from './documents.ts'
import type { Folder } from './folder.ts'
import type { Samples } from './samples.ts'
import type { Retention } from './store-options.ts'

/** The parts of a JSON store. */
export interface StoreParts {
  readonly folder: Folder
  readonly decisions: Decisions
  readonly documents: Documents
  readonly samples: Samples
  readonly clock: Clock
  readonly retention: Retention
}

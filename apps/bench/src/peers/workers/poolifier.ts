/** A worker as poolifier wants it. */
import { ThreadWorker } from 'poolifier'

import { loadFunction } from './function.ts'

const run = await loadFunction()

/** Started by poolifier; listens by being made. */
export const worker: ThreadWorker = new ThreadWorker(async (item?: unknown) => run(item))

/** Asynchronous items. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { integerBetween } from '../harness/random.ts'
import * as functions from './functions/waiting.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('waiting', 'by module')

/** Files that are there whenever the benchmark runs: its own. */
const FUNCTIONS = fileURLToPath(new URL('./functions/', import.meta.url))
const FILES = readdirSync(FUNCTIONS)
  .filter((name) => /(?<!\.d)\.[jt]s$/.test(name))
  .toSorted()

/** Timers, files, and work that only looks asynchronous. */
export const WAITING: readonly Workload[] = [
  workload(functions.answerAfter, {
    name: 'answers after 2 ms',
    family: 'waiting',
    itemCount: 100,
    isAsync: true,
    makeItem: () => 2,
  }),
  workload(functions.answerAfter, {
    name: 'answers after 5 to 50 ms',
    family: 'waiting',
    itemCount: 12,
    isAsync: true,
    makeItem: (random) => integerBetween(5, 50, random),
  }),
  workload(functions.countLines, {
    name: 'lines of files',
    family: 'waiting',
    itemCount: 600,
    isAsync: true,
    makeItem: (_, index) => FUNCTIONS + FILES[index % FILES.length]!,
  }),
  workload(functions.answerThenSum, {
    name: 'answers after 2 ms, then 2 ms of work',
    family: 'waiting',
    itemCount: 40,
    isAsync: true,
    makeItem: (random) => ({ delayMs: 2, terms: integerBetween(900_000, 1_100_000, random) }),
  }),
  workload(functions.asyncSum, {
    name: 'asynchronous sums that never wait',
    family: 'waiting',
    itemCount: 400,
    isAsync: true,
    makeItem: (random) => integerBetween(150_000, 250_000, random),
  }),
]

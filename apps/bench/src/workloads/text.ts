/** Parsing, searching and comparing texts. */
import * as functions from './functions/text.ts'
import {
  makeBytes,
  makeCsv,
  makeGene,
  makeLetter,
  makeLogLine,
  makeMarkdown,
  makeText,
} from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('text', 'as source')

/** CSV, Markdown, logs, words, distances, encodings. */
export const TEXT: readonly Workload[] = [
  workload(functions.parseCsv, {
    name: 'CSV of 60 rows',
    family: 'text',
    itemCount: 700,
    makeItem: (random) => makeCsv(60, random),
  }),
  workload(functions.renderMarkdown, {
    name: 'Markdown of 40 paragraphs',
    family: 'text',
    itemCount: 600,
    makeItem: (random) => makeMarkdown(40, random),
  }),
  workload(functions.parseLogLine, {
    name: 'log line by regular expression',
    family: 'text',
    itemCount: 20_000,
    makeItem: (random) => makeLogLine(random),
  }),
  workload(functions.findAddresses, {
    name: 'addresses in letters',
    family: 'text',
    itemCount: 1200,
    makeItem: (random) => makeLetter(4096, random),
  }),
  workload(functions.frequentWords, {
    name: 'frequent words of 8 KB',
    family: 'text',
    itemCount: 300,
    makeItem: (random) => makeText(8192, random),
  }),
  workload(functions.editDistance, {
    name: 'edit distance of 150 letters',
    family: 'text',
    itemCount: 500,
    makeItem: (random) => ({ a: makeGene(150, random), b: makeGene(150, random) }),
  }),
  workload(functions.encodeBase64, {
    name: 'base64 of 3 KB',
    family: 'text',
    itemCount: 150,
    makeItem: (random) => makeBytes(3000, 256, random),
  }),
  workload(functions.editDistance, {
    name: 'edit distance of 1600 letters',
    family: 'huge',
    itemCount: 6,
    makeItem: (random) => ({ a: makeGene(1600, random), b: makeGene(1600, random) }),
  }),
  workload(functions.letterCounts, {
    name: 'letters of 200 KB',
    family: 'big inputs',
    itemCount: 100,
    makeItem: (random, index) => makeText(2000, random).repeat(100) + String(index),
  }),
]

/** Work that V8 never sees: hashing and compression in C and C++. */
import * as functions from './functions/native.ts'
import { makeBytes, makeText } from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('native', 'by module')

/** Hashing, keys, compression. */
export const NATIVE: readonly Workload[] = [
  workload(functions.sha256, {
    name: 'sha256 of 16 KB',
    family: 'native',
    itemCount: 2500,
    makeItem: (random, index) => makeText(1024, random).repeat(16) + String(index),
  }),
  workload(functions.sha256, {
    name: 'sha256 of 200 B',
    family: 'native',
    itemCount: 20_000,
    makeItem: (random) => makeText(200, random),
  }),
  workload(functions.gzipSize, {
    name: 'gzip of 8 KB',
    family: 'native',
    itemCount: 350,
    makeItem: (random) => makeText(8192, random),
  }),
  workload(functions.brotli, {
    name: 'brotli of 4 KB',
    family: 'native',
    itemCount: 400,
    makeItem: (random) => makeText(4096, random),
  }),
  workload(functions.inflatesBack, {
    name: 'deflate and inflate 32 KB of bytes',
    family: 'big inputs',
    itemCount: 100,
    makeItem: (random) => makeBytes(32_768, 16, random),
  }),
  workload(functions.scryptKey, {
    name: 'scrypt',
    family: 'native',
    itemCount: 50,
    makeItem: (random) => makeText(12, random),
  }),
  workload(functions.pbkdf2Key, {
    name: 'pbkdf2',
    family: 'native',
    itemCount: 200,
    makeItem: (random) => makeText(12, random),
  }),
]

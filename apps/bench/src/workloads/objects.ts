/** Code that lives on the heap. */
import { integerBetween } from '../harness/random.ts'
import * as functions from './functions/objects.ts'
import { makeOrder } from './made-up.ts'
import { workloadsOf } from './workload.ts'
import type { Workload } from './workload.ts'

const workload = workloadsOf('objects', 'as source')

/** JSON, trees, strings, maps. */
export const OBJECTS: readonly Workload[] = [
  workload(functions.totalOfJson, {
    name: 'JSON of 20 orders',
    family: 'objects',
    itemCount: 2500,
    makeItem: (random) => JSON.stringify(Array.from({ length: 20 }, () => makeOrder(4, random))),
  }),
  workload(functions.toJson, {
    name: 'orders of 30 lines to JSON',
    family: 'objects',
    itemCount: 3000,
    makeItem: (random) => makeOrder(30, random),
  }),
  workload(functions.toInvoice, {
    name: 'orders to invoices',
    family: 'objects',
    itemCount: 10_000,
    makeItem: (random) => makeOrder(3, random),
  }),
  workload(functions.treeChecksum, {
    name: 'trees of depth 12',
    family: 'objects',
    itemCount: 500,
    makeItem: () => 12,
  }),
  workload(functions.pageLength, {
    name: 'pages of 100 rows',
    family: 'objects',
    itemCount: 700,
    makeItem: (random) => integerBetween(80, 120, random),
  }),
  workload(functions.salesByArticle, {
    name: 'sales of 1000 orders',
    family: 'objects',
    itemCount: 300,
    makeItem: (random) => ({ seed: integerBetween(1, 1_000_000, random), orders: 1000 }),
  }),
]

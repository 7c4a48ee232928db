/** Workloads on which the simulation is held against real runs: each strains another part of it. */

/** A function and its items, with chunk sizes to run it in. */
export interface HeldWorkload {
  readonly name: string
  // Items and results are of any kind; what matters is their cost.
  readonly task: (item: never) => unknown
  readonly items: readonly unknown[]
  /** Workers and chunk sizes. */
  readonly plans: readonly (readonly [workers: number, chunkSize: number])[]
}

function numbers(count: number, make: (index: number) => number = (index) => index): number[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function addRoots(steps: number): number {
  let sum = 0
  for (let step = 0; step < steps; step++) sum += Math.sqrt(step)
  return sum
}

/** About a hundred milliseconds each in one worker. */
export const HELD_WORKLOADS: readonly HeldWorkload[] = [
  {
    name: 'tiny items',
    task: (item: number) => Math.sqrt(item) * 2,
    items: numbers(50_000),
    plans: [
      [1, 500],
      [2, 500],
      [2, 5000],
    ],
  },
  {
    name: 'items of 20 us',
    task: addRoots,
    items: numbers(5000, () => 20_000),
    plans: [
      [1, 100],
      [2, 5],
      [2, 25],
      [2, 300],
      [3, 100],
    ],
  },
  {
    name: 'items of 2 ms',
    task: addRoots,
    items: numbers(60, () => 2_000_000),
    plans: [
      [2, 1],
      [2, 3],
      [2, 30],
      [3, 2],
      [4, 4],
    ],
  },
  {
    name: 'one item in 20 ten times the others',
    task: addRoots,
    items: numbers(400, (index) => (index % 20 === 0 ? 1_600_000 : 160_000)),
    plans: [
      [2, 2],
      [2, 25],
      [2, 100],
    ],
  },
  {
    name: 'items sorted by cost',
    task: addRoots,
    items: numbers(300, (index) => 5000 * index),
    plans: [
      [2, 4],
      [2, 75],
      [2, 150],
    ],
  },
  {
    name: 'objects there and back',
    task: (item: { id: number; tags: string[] }) => ({
      ...item,
      tags: item.tags.map((t) => `${t}!`),
    }),
    items: numbers(10_000).map((id) => ({ id, name: `n${id}`, tags: ['a', 'b', 'c'] })),
    plans: [
      [1, 200],
      [2, 200],
      [2, 2000],
    ],
  },
  {
    name: 'large arrays there',
    task: (item: Float64Array) => item.reduce((sum, value) => sum + Math.sqrt(value), 0),
    items: numbers(300).map((index) => new Float64Array(20_000).fill(index)),
    plans: [
      [1, 5],
      [2, 5],
      [2, 40],
    ],
  },
  {
    name: 'many objects back',
    task: (item: number) => Array.from({ length: 300 }, (_, index) => ({ item, index })),
    items: numbers(500),
    plans: [
      [1, 10],
      [2, 10],
      [2, 60],
    ],
  },
  {
    name: 'much garbage',
    task: (item: number) =>
      JSON.stringify(
        JSON.parse(JSON.stringify({ list: Array.from({ length: 500 }, (_, i) => ({ item, i })) })),
      ).length,
    items: numbers(300),
    plans: [
      [1, 10],
      [2, 5],
      [2, 40],
    ],
  },
  {
    name: 'items that sleep',
    task: (item: number) => new Promise((resolve) => setTimeout(() => resolve(item), 2)),
    items: numbers(100),
    plans: [
      [2, 5],
      [6, 3],
    ],
  },
]

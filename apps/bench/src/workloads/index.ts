/** All workloads, and what is asked of each. */
import { ARRAYS } from './arrays.ts'
import { NATIVE } from './native.ts'
import { NUMBERS } from './numbers.ts'
import { OBJECTS } from './objects.ts'
import { TEXT } from './text.ts'
import { TINY } from './tiny.ts'
import { WAITING } from './waiting.ts'
import type { Workload } from './workload.ts'

export type { Workload } from './workload.ts'

/** Every workload, in the order of the tables. */
export const WORKLOADS: readonly Workload[] = [
  ...NATIVE,
  ...TEXT,
  ...NUMBERS,
  ...ARRAYS,
  ...OBJECTS,
  ...TINY,
  ...WAITING,
]

/** The workload of that name. */
export function workloadNamed(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name)
  if (!workload) throw new Error(`There is no workload "${name}".`)
  return workload
}

/** A function, the data it is mapped over, and how both reach the libraries that are compared. */
import { moduleTask } from '@amorsize/core'
import type { Task } from '@amorsize/core'

import { createRandom } from '../harness/random.ts'
import type { Random } from '../harness/random.ts'

/** What makes a workload hard, or easy. */
export type Family =
  | 'native'
  | 'text'
  | 'numbers'
  | 'objects'
  | 'tiny'
  | 'huge'
  | 'uneven'
  | 'sorted'
  | 'big inputs'
  | 'big results'
  | 'waiting'

/** A function of items that only its own workload knows the type of. */
export type Run = (item: unknown) => unknown

/** One workload of the suites. */
export interface Workload {
  readonly name: string
  readonly family: Family
  readonly itemCount: number
  /** Whether the function answers with promises. */
  readonly isAsync: boolean
  /** The function itself, for the plain loop. */
  readonly run: Run
  /** What `execute()` is given: the function, or its module where it needs imports. */
  readonly task: Task<unknown, unknown>
  /** Where every other library finds the function. */
  readonly module: { readonly url: string; readonly exportName: string }
  /** The items; the same ones for the same seed. */
  readonly makeData: (seed: number) => unknown[]
}

/** What differs from workload to workload. */
export interface WorkloadDescription<I> {
  readonly name: string
  readonly family: Family
  readonly itemCount: number
  readonly makeItem: (random: Random, index: number) => I
  readonly isAsync?: boolean
}

/** A function that needs imports has to travel by module; any other goes as most users send it. */
type Travels = 'as source' | 'by module'

/** Workloads of the functions of one module. */
export function workloadsOf(
  moduleName: string,
  travels: Travels,
): <I>(run: (item: I) => unknown, description: WorkloadDescription<NoInfer<I>>) => Workload {
  const url = new URL(`./functions/${moduleName}.js`, import.meta.url).href
  return (run, { makeItem, isAsync = false, ...description }) => {
    const task = travels === 'as source' ? run : moduleTask(url, run.name)
    return {
      ...description,
      isAsync,
      // Workloads of any types stand in one list; each is only ever given its own items.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      run: run as Run,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      task: task as Task<unknown, unknown>,
      module: { url, exportName: run.name },
      makeData: (seed) => {
        const random = createRandom(seed)
        return Array.from({ length: description.itemCount }, (_, index) => makeItem(random, index))
      },
    }
  }
}

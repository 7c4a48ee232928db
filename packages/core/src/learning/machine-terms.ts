/** What talking to workers costs on a machine whatever the function, by the runs on it. */
import { median } from '@amorsize/features'
import type { StartMethod } from '@amorsize/features'

import type { MeasuredCosts, Run } from './run.ts'

/** Costs of a machine, milliseconds; the contention a share. */
export type MachineCosts = Required<Omit<MeasuredCosts, 'waitShare'>>

/** Runs asked: enough that one bad measurement does not matter. */
const LATEST = 15

/** Where nothing was measured: Node 20, tinypool 2.2 on a core of 2.5 GHz (DESIGN section 7). */
const USUAL: MachineCosts = {
  cloneMs: 0.003,
  dispatchMs: 0.05,
  mainDispatchMs: 0.025,
  startUpMs: 50,
  contention: 0,
}

/** A child process costs this much more to talk to. */
const CHILD_PROCESS_FACTOR = 2.5

const NAMES = Object.keys(USUAL) as (keyof MachineCosts)[]

/** Costs by machine and start method. */
export class MachineTerms {
  readonly #latest = new Map<string, Record<keyof MachineCosts, number[]>>()

  add({ machine, features, costs, isTainted }: Run): void {
    if (machine === undefined || isTainted) return
    const key = keyOf(machine, features.startMethod)
    let terms = this.#latest.get(key)
    if (!terms) this.#latest.set(key, (terms = emptyTerms()))
    for (const name of NAMES) {
      const value = costs[name]
      if (value === undefined) continue
      terms[name].push(value)
      if (terms[name].length > LATEST) terms[name].shift()
    }
  }

  /** Medians of the latest measurements, and the usual where there is none. */
  costsOf(machine: string, startMethod: StartMethod): MachineCosts {
    const terms = this.#latest.get(keyOf(machine, startMethod))
    const factor = startMethod === 'child_process' ? CHILD_PROCESS_FACTOR : 1
    const costs: Partial<Record<keyof MachineCosts, number>> = {}
    for (const name of NAMES) {
      const measured = terms?.[name]
      costs[name] = measured?.length ? median(measured) : USUAL[name] * factor
    }
    return costs as MachineCosts
  }
}

function keyOf(machine: string, startMethod: StartMethod): string {
  return `${machine} ${startMethod}`
}

function emptyTerms(): Record<keyof MachineCosts, number[]> {
  return { cloneMs: [], dispatchMs: [], mainDispatchMs: [], startUpMs: [], contention: [] }
}

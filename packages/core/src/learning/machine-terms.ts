/** What talking to workers costs on a machine whatever the function, by the runs on it. */
import { median } from '@amorsize/features'
import type { StartMethod } from '@amorsize/features'

import { insertByTime } from './by-time.ts'
import type { MeasuredCosts, Run } from './run.ts'
import type { RunTable } from './run-table.ts'

/** Costs of a machine, milliseconds; the contention a share. */
export type MachineCosts = Required<Omit<MeasuredCosts, 'waitShare' | 'besideMs' | 'trend'>>

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

/** Their names. */
export const MACHINE_COSTS: readonly (keyof MachineCosts)[] = Object.keys(
  USUAL,
) as (keyof MachineCosts)[]

/** A cost that a run measured. */
export interface Measurement {
  readonly timestampMs: number
  readonly value: number
}

type Latest = Record<keyof MachineCosts, Measurement[]>

/** Costs by machine and start method. */
export class MachineTerms {
  /** Runs before those that are added. */
  readonly #past: RunTable | undefined
  readonly #latest = new Map<string, Latest>()
  /** Medians since the last measurement. */
  readonly #medians = new Map<string, MachineCosts>()

  constructor(past?: RunTable) {
    this.#past = past
  }

  add({ machine, features, costs, isTainted, timestampMs }: Run): void {
    if (machine === undefined || isTainted) return
    this.#medians.delete(keyOf(machine, features.startMethod))
    const terms = this.#termsOf(machine, features.startMethod)
    for (const name of MACHINE_COSTS) {
      const value = costs[name]
      if (value === undefined) continue
      terms[name] = insertByTime(terms[name], { timestampMs, value }).slice(-LATEST)
    }
  }

  /** Medians of the latest measurements, and the usual where there is none. */
  costsOf(machine: string, startMethod: StartMethod): MachineCosts {
    const key = keyOf(machine, startMethod)
    const known = this.#medians.get(key)
    if (known) return known
    const terms = this.#termsOf(machine, startMethod)
    const factor = startMethod === 'child_process' ? CHILD_PROCESS_FACTOR : 1
    const costs: Partial<Record<keyof MachineCosts, number>> = {}
    for (const name of MACHINE_COSTS) {
      const measured = terms[name].map(({ value }) => value)
      costs[name] = measured.length > 0 ? median(measured) : USUAL[name] * factor
    }
    this.#medians.set(key, costs as MachineCosts)
    return costs as MachineCosts
  }

  #termsOf(machine: string, startMethod: StartMethod): Latest {
    const key = keyOf(machine, startMethod)
    const known = this.#latest.get(key)
    if (known) return known
    const latest = (name: keyof MachineCosts): Measurement[] =>
      this.#past?.latestCosts(name, machine, startMethod, LATEST) ?? []
    const terms = {
      cloneMs: latest('cloneMs'),
      dispatchMs: latest('dispatchMs'),
      mainDispatchMs: latest('mainDispatchMs'),
      startUpMs: latest('startUpMs'),
      contention: latest('contention'),
    }
    this.#latest.set(key, terms)
    return terms
  }
}

function keyOf(machine: string, startMethod: StartMethod): string {
  return `${machine} ${startMethod}`
}

/** The costs that a cached decision was made from, for the items and the machine of today. */
import type { DecisionEntry } from '@amorsize/cache'

import type { Costs, ThreadKind } from '../cost-model.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'

const THREAD_KINDS: readonly ThreadKind[] = ['main', 'worker']
const COST_FIELDS = ['workerItemTimeMs', 'coefficientOfVariation', 'waitShare'] as const
const DISPATCH_FIELDS = ['dispatchMs', 'mainDispatchMs', 'cloneMs', 'startUpMs'] as const
const MEMORY_FIELDS = ['workerBytes', 'inputBytes', 'resultBytes'] as const

/**
 * The measured costs of the earlier run for the items of this one; `undefined` where there are none. A
 * field that another implementation wrote, or that was damaged, is not trusted.
 */
export function keptCosts<I, O>(entry: DecisionEntry, request: Request<I, O>): Costs | undefined {
  const kept = entry['costs'] as Costs | undefined
  if (!kept || !hasNumbers(kept, COST_FIELDS)) return undefined
  const { memory, timedByRuns, isWeighed, ...rest } = kept
  const { dispatch, mainItemTimeMs, contention, trend = 0 } = rest
  if (dispatch !== undefined && !hasNumbers(dispatch, DISPATCH_FIELDS)) return undefined
  if (mainItemTimeMs !== undefined && !hasNumbers(kept, ['mainItemTimeMs'])) return undefined
  const { usableCores, availableMemoryBytes } = request.system
  return {
    ...rest,
    mainItemTimeMs: mayUseMainThread(request, kept.waitShare) ? mainItemTimeMs : undefined,
    itemCount: request.itemCount,
    usableCores,
    contention: hasNumbers(kept, ['contention']) ? contention : 0,
    trend: Math.abs(trend) <= 1 ? trend : 0,
    ...(Array.isArray(timedByRuns) && {
      timedByRuns: THREAD_KINDS.filter((kind) => timedByRuns.includes(kind)),
    }),
    ...(isWeighed === true && { isWeighed }),
    ...(memory &&
      hasNumbers(memory, MEMORY_FIELDS) && {
        memory: { ...memory, availableBytes: availableMemoryBytes },
      }),
    dispatch: dispatch && {
      ...dispatch,
      workerCloneMs: hasNumbers(dispatch, ['workerCloneMs'])
        ? dispatch.workerCloneMs
        : dispatch.cloneMs,
      mainStartUpMs: hasNumbers(dispatch, ['mainStartUpMs']) ? dispatch.mainStartUpMs! : 0,
      warmWorkers: request.pool.readyWorkers,
    },
  }
}

function hasNumbers(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return fields.every((field) => {
    const number: unknown = Reflect.get(value, field)
    return Number.isFinite(number) && (number as number) >= 0
  })
}

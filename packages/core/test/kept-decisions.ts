/** What a store is given to remember. */
import type { DecisionEntry, Store } from '@amorsize/cache'
import { vi } from 'vitest'

/** Notes each decision and its key, the oldest first. */
export function decisionsOf(store: Store): [key: string, entry: DecisionEntry][] {
  const decisions: [string, DecisionEntry][] = []
  const putDecision = store.putDecision.bind(store)
  vi.spyOn(store, 'putDecision').mockImplementation((key, entry) => {
    decisions.push([key, entry])
    return putDecision(key, entry)
  })
  return decisions
}

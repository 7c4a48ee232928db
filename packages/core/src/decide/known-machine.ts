/** What is known of the machine that no dry run on one worker can tell. */
import { readMachineProfile } from '@amorsize/sampler'
import type { MachineProfile } from '@amorsize/sampler'

import type { Request } from '../request.ts'

/**
 * The profile that `measureMachine()` once left in the store, if any. A store that cannot be read
 * costs no decision: the costs that the profile would have told are then taken as usual.
 */
export async function knownMachine<I, O>({
  useCache,
  openStore,
  runtime,
}: Pick<Request<I, O>, 'useCache' | 'openStore' | 'runtime'>): Promise<MachineProfile | undefined> {
  if (!useCache) return undefined
  try {
    return await readMachineProfile({ runtime, store: await openStore() })
  } catch {
    return undefined
  }
}

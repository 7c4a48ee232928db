/** The part of the package that decides, loaded when it is asked for: most maps end in their opening. */
import type * as deciding from './deciding.ts'
import { lazily } from './lazily.ts'

export const loadDeciding: () => Promise<typeof deciding> = lazily(() => import('./deciding.ts'))

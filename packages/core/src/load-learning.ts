/** The part of the package that learns, loaded when it is asked for: few programs need it. */
import { lazily } from './lazily.ts'
import type * as learning from './learning/index.ts'

export const loadLearning: () => Promise<typeof learning> = lazily(
  () => import('./learning/index.ts'),
)

/** The part of the package that learns, loaded when it is asked for: few programs need it. */
import type * as learning from './learning/index.ts'

let loaded: typeof learning | undefined

/** Loads it; an `import()` of what is loaded still takes a tenth of a prediction's time. */
export async function loadLearning(): Promise<typeof learning> {
  return (loaded ??= await import('./learning/index.ts'))
}

/** Code that is loaded when it is first needed, and not looked up again. */

/**
 * A function that loads a module once: an `import()` of what is loaded still takes as long as a tenth
 * of a decision. Where loading fails, the next call tries again.
 */
export function lazily<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loading: Promise<Module> | undefined
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    }))
}

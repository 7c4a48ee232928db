/**
 * What compilers call from inside a function but define outside it. Such a function is still meant
 * to be self-contained, so a worker is given definitions of the same meaning.
 */

type GeneratorBody = (...args: unknown[]) => Generator
type Callable = (...args: never[]) => unknown

const HELPERS: Readonly<Record<string, Callable>> = {
  /** esbuild and tsx with keepNames: names a function. */
  __name: (target: object, value: string) =>
    Object.defineProperty(target, 'name', { value, configurable: true }),
  /** esbuild: a class field. */
  __publicField: (target: object, key: PropertyKey, value: unknown) => {
    Object.defineProperty(target, typeof key === 'symbol' ? key : String(key), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    return value
  },
  /** TypeScript: `{ ...rest }` of a pattern, below ES2018. */
  __rest: (source: object, excluded: readonly PropertyKey[]) =>
    Object.fromEntries(Object.entries(source).filter(([key]) => !excluded.includes(key))),
  /** TypeScript: `async`, below ES2017. */
  __awaiter: (self: unknown, args: unknown[], _promise: unknown, body: GeneratorBody) =>
    runAsync(() => body.apply(self, args ?? [])),
  /** esbuild: the same. */
  __async: (self: unknown, args: unknown[], body: GeneratorBody) =>
    runAsync(() => body.apply(self, args ?? [])),
  /** Vite and Vitest: `import()`, which resolves from the working directory here as there. */
  __vite_ssr_dynamic_import__: (specifier: string) => import(specifier) as Promise<unknown>,
}

/** Names that a function may use without defining them. */
export const HELPER_NAMES: ReadonlySet<string> = new Set(Object.keys(HELPERS))

/** The helpers that a source mentions, by name. */
export function helpersOf(source: string): [name: string, helper: Callable][] {
  return Object.entries(HELPERS).filter(([name]) => source.includes(name))
}

async function runAsync(start: () => Generator): Promise<unknown> {
  const steps = start()
  let step = steps.next()
  while (!step.done) {
    try {
      step = steps.next(await step.value)
    } catch (error) {
      step = steps.throw(error)
    }
  }
  return step.value
}

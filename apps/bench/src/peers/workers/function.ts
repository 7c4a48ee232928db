/** The function that a worker of this process is for: named once in the environment. */

type Run = (item: unknown) => unknown

const VARIABLE = 'AMORSIZE_BENCH_FUNCTION'

/** Where the function is. */
export interface FunctionPlace {
  readonly url: string
  readonly exportName: string
}

/** To be called before any worker starts. */
export function nameFunction(place: FunctionPlace): void {
  process.env[VARIABLE] = JSON.stringify(place)
}

/** The function that was named. */
export async function loadFunction(): Promise<Run> {
  const { url, exportName } = JSON.parse(process.env[VARIABLE]!) as FunctionPlace
  const exports = (await import(url)) as Record<string, Run>
  return exports[exportName]!
}

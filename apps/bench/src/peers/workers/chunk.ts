/** What somebody writes who cuts the chunks by hand: a task over several items. */
import { loadFunction } from './function.ts'

const run = await loadFunction()

/** Results of the items, in their order. */
export async function runChunk(items: readonly unknown[]): Promise<unknown[]> {
  const results: unknown[] = []
  for (const item of items) results.push(await run(item))
  return results
}

/** The measuring process: one call, one answer. */
import type { ChildAnswer, ChildCall } from './child.ts'

process.once('message', (call: ChildCall) => {
  void answer(call).then((reply) => process.send!(reply, () => process.exit()))
})

// Whoever asked is gone: nobody would read the answer.
process.once('disconnect', () => process.exit())

async function answer({ module, exportName, argument }: ChildCall): Promise<ChildAnswer> {
  try {
    const exports = (await import(module)) as Record<string, (argument: unknown) => unknown>
    return { value: await exports[exportName]!(argument) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

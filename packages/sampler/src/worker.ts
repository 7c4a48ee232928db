/** The code in each worker: makes the task's function once, then runs chunks of items through it. */
import { isCloneable } from './cloneable.ts'
import { toTransferredError } from './error-transfer.ts'
import { loadTask } from './load-task.ts'
import type { LoadedTask } from './load-task.ts'
import type { ChunkReply, ChunkRequest } from './protocol.ts'
import { isThenable } from './thenable.ts'
import { watchWaiting } from './wait-share.ts'

interface KnownTask {
  readonly run: LoadedTask | Promise<LoadedTask>
  readonly context: unknown
}

const knownTasks = new Map<number, KnownTask>()

/** Handles one message of the pool. Never throws: what goes wrong is part of the reply. */
export async function runChunk(request: ChunkRequest): Promise<ChunkReply> {
  if (request.forget !== undefined) knownTasks.delete(request.forget)
  try {
    const { run, context } = taskOf(request)
    return await runItems(await run, context, request)
  } catch (error) {
    knownTasks.delete(request.taskId)
    return { ok: false, error: toTransferredError(error) }
  }
}

function taskOf({ taskId, definition }: ChunkRequest): KnownTask {
  if (definition) knownTasks.set(taskId, { run: loadTask(definition), context: definition.context })
  const task = knownTasks.get(taskId)
  if (!task) throw new Error(`Task ${taskId} was never sent to this worker.`)
  return task
}

async function runItems(
  run: LoadedTask,
  context: unknown,
  request: ChunkRequest,
): Promise<ChunkReply> {
  const { items, isTimed } = request
  const values: unknown[] = []
  const itemTimesMs = new Float64Array(isTimed ? items.length : 0)
  const waitShare = watchWaiting()
  const startMs = performance.now()
  let failure: { offset: number; error: ReturnType<typeof toTransferredError> } | undefined

  for (const [offset, item] of items.entries()) {
    const itemStartMs = isTimed ? performance.now() : 0
    try {
      const returned = run(item, context)
      const value = isThenable(returned) ? await returned : returned
      if (!isCloneable(value)) throw new TypeError('its result cannot be sent back from a worker')
      values.push(value)
    } catch (error) {
      failure = { offset, error: toTransferredError(error) }
      break
    }
    if (isTimed) itemTimesMs[offset] = performance.now() - itemStartMs
  }

  return {
    ok: true,
    values,
    ...(failure && { failure }),
    busyMs: performance.now() - startMs,
    waitShare: waitShare(),
    itemTimesMs: itemTimesMs.subarray(0, values.length),
  }
}

/** Which tasks a worker holds: the ones used last. */

/** A worker holds the code and context of so many tasks; a dropped one is sent again when needed. */
const TASKS_PER_WORKER = 16

/** Marks a task as just used; returns the one that the worker has to drop for it, if any. */
export function rememberTask(knownTasks: Set<number>, taskId: number): number | undefined {
  knownTasks.delete(taskId)
  knownTasks.add(taskId)
  const [oldest] = knownTasks
  if (knownTasks.size <= TASKS_PER_WORKER || oldest === undefined) return undefined
  knownTasks.delete(oldest)
  return oldest
}

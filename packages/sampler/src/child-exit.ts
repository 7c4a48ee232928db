/** A child in an endless loop does not notice that its caller is gone: it is ended with it. */
import type { ChildProcess } from 'node:child_process'

import { OrphanGuard } from './orphan-guard.ts'

const children = new Set<ChildProcess>()
const guard = new OrphanGuard()

/** Has the child killed when this process ends, in whatever way. One listener serves them all. */
export function killWithCaller(child: ChildProcess): void {
  if (children.size === 0) process.off('exit', killChildren).on('exit', killChildren)
  children.add(child)
  if (child.pid !== undefined) guard.add(child.pid)
}

/** Leaves a child alone that has ended: its number may belong to another process by now. */
export function forgetChild(child: ChildProcess): void {
  children.delete(child)
  if (child.pid !== undefined) guard.remove(child.pid)
}

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL')
  guard.stop()
}

/** A child in an endless loop does not notice that its caller is gone: it is ended with it. */
import type { ChildProcess } from 'node:child_process'

const children = new Set<ChildProcess>()

/** Has the child killed when this process exits. One listener serves them all. */
export function killWithCaller(child: ChildProcess): void {
  if (children.size === 0) process.off('exit', killChildren).on('exit', killChildren)
  children.add(child)
}

/** Leaves a child alone that has ended: its number may belong to another process by now. */
export function forgetChild(child: ChildProcess): void {
  children.delete(child)
}

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL')
}

/**
 * Ends children whose caller was killed by force. A child that computes in an endless loop sees
 * neither the end of its channel nor its new parent, and a thread in it to look would cost as much
 * as starting the child again (40 ms of CPU, 10 MB). So one shell, for all children of a process,
 * waits for the end of a pipe that the system closes however the caller ends.
 */
import type { ChildProcess } from 'node:child_process'

/** Reads `+ pid` and `- pid`, and when nobody is left to say more, kills what was not taken back. */
export const GUARD_SCRIPT = `
while read -r sign pid; do
  others=
  for known in $pids; do [ "$known" = "$pid" ] || others="$others $known"; done
  case $sign in
    +) pids="$others $pid" ;;
    -) pids=$others ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
`

/** Children that end with their caller. Where there is no shell nothing is done. */
export class OrphanGuard {
  #shell: ChildProcess | undefined
  readonly #pids = new Set<number>()

  /** Has a child killed if this process ends without doing so itself. */
  add(pid: number): void {
    this.#pids.add(pid)
    if (this.#shell) this.#tell('+', pid)
    else this.#start()
  }

  /** Leaves a child alone that has ended: its number may belong to another process by now. */
  remove(pid: number): void {
    if (this.#pids.delete(pid)) this.#tell('-', pid)
  }

  /** Leaves all children alone: this process is about to end and has ended them itself. */
  stop(): void {
    this.#shell?.kill('SIGKILL')
    this.#shell = undefined
  }

  #start(): void {
    // Windows ends the children of a process with it.
    if (process.platform === 'win32') return
    const { spawn } = process.getBuiltinModule('node:child_process')
    // Not in the caller's process group: a signal to the group must not end the guard first.
    const shell = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = undefined
    }
    shell.on('error', forget).on('exit', forget)
    shell.stdin.on('error', forget)
    shell.unref()
    // The pipe is a socket, which can be left out of what keeps a process alive.
    ;(shell.stdin as unknown as { unref: () => void }).unref()
    this.#shell = shell
    for (const pid of this.#pids) this.#tell('+', pid)
  }

  #tell(sign: '+' | '-', pid: number): void {
    this.#shell?.stdin?.write(`${sign} ${pid}\n`)
  }
}

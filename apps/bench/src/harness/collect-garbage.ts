/** The collector on demand, without a flag on the command line, which worker threads would refuse. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options?: { type: 'minor' }) => void

let collect: Collect | undefined

/** Everything that can be freed. */
export function collectGarbage(): void {
  loadCollect()()
}

/** What the last run left in the young generation, so that the next does not pay for it. */
export function collectYoungGarbage(): void {
  loadCollect()({ type: 'minor' })
}

function loadCollect(): Collect {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  return collect
}

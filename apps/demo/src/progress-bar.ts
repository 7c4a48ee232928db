/** A progress bar on a terminal; a line now and then where the output goes to a file. */
import type { Progress } from '@amorsize/core'
import { Presets, SingleBar } from 'cli-progress'

const MS_PER_SECOND = 1000

/** How often a line is printed where there is no terminal. */
const LINE_INTERVAL_MS = 3000

/** Shows a bar for so many items until it is stopped. */
export function showProgress(total: number): {
  update: (progress: Progress) => void
  stop: () => void
} {
  const bar = new SingleBar(
    {
      format:
        '   {bar} {percentage} % | {value} of {total} files | {speed} files/s | {left} s left',
      noTTYOutput: true,
      notTTYSchedule: LINE_INTERVAL_MS,
      stream: process.stdout,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { speed: 0, left: '?' })
  return {
    update: ({ done, rate, etaMs }) =>
      bar.update(done, { speed: Math.round(rate), left: Math.ceil(etaMs / MS_PER_SECOND) }),
    stop: () => bar.stop(),
  }
}

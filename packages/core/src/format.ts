/** Numbers in words, with three significant digits and the unit that suits them. */

const MS_PER_SECOND = 1000
const US_PER_MS = 1000

/** `12.3 us`, `4.56 ms`, `1.2 s`. */
export function formatMs(durationMs: number): string {
  if (durationMs >= MS_PER_SECOND) return `${significant(durationMs / MS_PER_SECOND)} s`
  if (durationMs >= 1 || durationMs === 0) return `${significant(durationMs)} ms`
  return `${significant(durationMs * US_PER_MS)} us`
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']
const BYTES_PER_STEP = 1000

/** `512 bytes`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= BYTES_PER_STEP && unit < BYTE_UNITS.length - 1; unit++) value /= BYTES_PER_STEP
  return `${significant(value)} ${BYTE_UNITS[unit]}`
}

/** `1 item`, `2,000 items`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `2,000`. Not `toLocaleString`, whose first call in a process loads tables for 20 ms. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `85 %`. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function significant(value: number): string {
  return Number(value.toPrecision(3)).toString()
}

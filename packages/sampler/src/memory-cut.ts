/**
 * The parts of a large memory that a message shows, put one behind the other. All views of it stay views
 * of one memory, and those that overlap still do.
 */

/** Smaller memory is soon copied. */
export const LEAST_MEMORY_BYTES = 1_000_000

/** Of a memory of which more is shown, the whole is copied. */
const LARGEST_SHARE = 0.5

/** What any typed array can begin at. */
const ALIGNMENT_BYTES = 8

/** Bytes of a memory, and where they come to lie. */
interface Range {
  readonly from: number
  to: number
  readonly place: number
}

/** What is taken of a memory. */
export interface MemoryCut {
  readonly byteLength: number
  readonly ranges: readonly Range[]
  /** Where each view begins then, bytes. */
  readonly placeOf: ReadonlyMap<ArrayBufferView, number>
}

/** Whether a view shows so little of its memory that the rest is better left out. */
export function isSmallPart({ buffer, byteLength }: ArrayBufferView): boolean {
  return isSmall(byteLength, buffer)
}

/** What to take of each memory of which the views show but a small part together. */
export function cutsOf(views: readonly ArrayBufferView[]): Map<ArrayBufferLike, MemoryCut> {
  const groups = new Map<ArrayBufferLike, ArrayBufferView[]>()
  for (const view of views) {
    const group = groups.get(view.buffer)
    if (group) group.push(view)
    else groups.set(view.buffer, [view])
  }
  const cuts = new Map<ArrayBufferLike, MemoryCut>()
  for (const [buffer, group] of groups) {
    const cut = cutOf(group)
    if (isSmall(cut.byteLength, buffer)) cuts.set(buffer, cut)
  }
  return cuts
}

function isSmall(byteLength: number, { byteLength: all }: ArrayBufferLike): boolean {
  return all > LEAST_MEMORY_BYTES && byteLength < all * LARGEST_SHARE
}

function cutOf(views: readonly ArrayBufferView[]): MemoryCut {
  const ranges: Range[] = []
  const placeOf = new Map<ArrayBufferView, number>()
  let byteLength = 0
  for (const view of views.toSorted((one, other) => one.byteOffset - other.byteOffset)) {
    const from = view.byteOffset - (view.byteOffset % ALIGNMENT_BYTES)
    let range = ranges.at(-1)
    if (!range || from > range.to) ranges.push((range = { from, to: from, place: byteLength }))
    range.to = Math.max(range.to, aligned(view))
    placeOf.set(view, range.place + view.byteOffset - range.from)
    byteLength = range.place + range.to - range.from
  }
  return { byteLength, ranges, placeOf }
}

/** Where a view ends, up to where the next range may begin. */
function aligned({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  const end = Math.ceil((byteOffset + byteLength) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
  return Math.min(end, buffer.byteLength)
}

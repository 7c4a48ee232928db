/** How much memory a worker holds, measured from inside it. */
import { getHeapStatistics } from 'node:v8'

/** Measuring takes about as long as an empty chunk's way through the worker. */
const LEAST_INTERVAL_MS = 50

/**
 * A function that tells the bytes the worker holds. Of a child process they are its resident set; of
 * a thread, whose process is the caller's, its heap and the buffers outside it. The answer may be 50
 * ms old.
 */
export function watchMemory(isChildProcess: boolean): () => number {
  let measuredAtMs = -Infinity
  let bytes = 0
  return () => {
    const nowMs = performance.now()
    if (nowMs - measuredAtMs >= LEAST_INTERVAL_MS) {
      bytes = isChildProcess ? process.memoryUsage.rss() : threadBytes()
      measuredAtMs = nowMs
    }
    return bytes
  }
}

function threadBytes(): number {
  const {
    total_heap_size: heap,
    external_memory: external,
    malloced_memory: malloced,
  } = getHeapStatistics()
  return heap + external + malloced
}

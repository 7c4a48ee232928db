/**
 * Made-up histories with the shape of real ones: a few machines, some hundreds of functions, each run
 * many times on data of round sizes. Cores, start method, sizes and complexity take few values; the
 * measured item time, its variation and the free memory are never the same twice.
 */

/** Mulberry32, a public-domain generator by Tommy Ettinger: small, and good enough for test data. */
export function createRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Rows of 8 features in 0 .. 1, one after another, spread evenly. */
export function makeUniformRows(count, random) {
  return Float64Array.from({ length: 8 * count }, random)
}

/** Rows of the 8 features of a workload, normalised as `@amorsize/features` does. */
export function makeHistoryRows(count, random) {
  const machines = Array.from({ length: 12 }, () => ({
    cores: pick([2, 4, 4, 8, 8, 12, 16, 32, 64], random) / 128,
    memory: pick([0.2, 0.3, 0.3, 0.4, 0.5, 0.6], random),
  }))
  const functions = Array.from({ length: 300 }, () => ({
    itemTime: 0.05 + 0.9 * random(),
    serializedSize: Math.round(60 * random() ** 2) / 60,
    variation: random() < 0.5 ? 0.02 : 0.5 * random(),
    complexity: Math.round(200 * random()) / 200,
    startMethod: pick([0, 0, 0, 0, 0.5, 1], random),
    sizes: Array.from({ length: 5 }, () => Math.round(20 * random()) / 20),
  }))
  const rows = new Float64Array(8 * count)
  for (let start = 0; start < rows.length; start += 8) {
    const machine = pick(machines, random)
    // Few functions make most of a history.
    const workload = functions[Math.floor(functions.length * random() ** 2)]
    rows[start] = pick(workload.sizes, random)
    rows[start + 1] = clamp(workload.itemTime + 0.02 * (random() + random() - 1))
    rows[start + 2] = machine.cores
    rows[start + 3] = clamp(machine.memory + 0.02 * (random() - 0.5))
    rows[start + 4] = workload.startMethod
    rows[start + 5] = workload.serializedSize
    rows[start + 6] = clamp(workload.variation * (0.5 + random()))
    rows[start + 7] = workload.complexity
  }
  return rows
}

function pick(list, random) {
  return list[Math.floor(list.length * random())]
}

function clamp(value) {
  return Math.min(1, Math.max(0, value))
}

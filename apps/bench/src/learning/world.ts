/**
 * Machines and functions that are not here, drawn by a seed: what they cost is known, so that the
 * best plan is known too. Ranges as measured on real ones (DESIGN section 7).
 */
import { logUniform, pick, randomOf } from './random.ts'
import type { Random } from './random.ts'

/** A simulated machine. */
export interface Machine {
  readonly name: string
  readonly cores: number
  /** Time of an item here over that on the reference machine. */
  readonly slowness: number
  /** How much of a function's contention shows. */
  readonly contentionFactor: number
  readonly dispatchMs: number
  readonly mainDispatchMs: number
  readonly startUpMs: number
  readonly availableMemoryBytes: number
}

/** A simulated function. Times are those of the reference machine, milliseconds. */
export interface SimulatedFunction {
  readonly signature: string
  /** Time of an item of size 1. */
  readonly itemTimeMs: number
  /** The item time grows with this power of the size. */
  readonly growth: number
  /** Sizes that its callers use. */
  readonly sizes: readonly number[]
  readonly coefficientOfVariation: number
  readonly waitShare: number
  /** Whether its code says that it could wait. */
  readonly mayWait: boolean
  readonly contention: number
  readonly cloneMs: number
  readonly serializedBytes: number
  /** Size of an item, serialised. */
  readonly inputBytes: number
  readonly complexity: number
  /** Depth of its call graph and number of its imports: they tell a little of the item time. */
  readonly callDepth: number
  readonly importCount: number
}

const CORES = [2, 4, 4, 8, 8, 16, 16]

/** Machines of 2 to 16 cores. */
export function makeMachines(seed: string, count: number = CORES.length): Machine[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(`${seed} machine ${index}`)
    const cores = CORES[index % CORES.length]!
    const dispatchMs = logUniform(random, 0.04, 0.1)
    return {
      name: `machine-${index}`,
      cores,
      slowness: logUniform(random, 0.6, 1.6),
      contentionFactor: logUniform(random, 0.6, 1.6),
      dispatchMs,
      mainDispatchMs: dispatchMs * (0.35 + 0.15 * random()),
      startUpMs: logUniform(random, 35, 70),
      availableMemoryBytes: cores * 2e9,
    }
  })
}

/** Functions from a microsecond to a fifth of a second an item. */
export function makeFunctions(seed: string, count: number): SimulatedFunction[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(`${seed} function ${index}`)
    const itemTimeMs = logUniform(random, 0.001, 100)
    const serializedBytes = logUniform(random, 8, 1e5)
    const waitShare = random() < 0.12 ? 0.6 + 0.35 * random() : 0
    const inputBytes = logUniform(randomOf(`${seed} inputs ${index}`), 8, 1e5)
    const heaviness = Math.log10(itemTimeMs / 0.001) / 5
    return {
      signature: Math.floor(random() * 2 ** 48)
        .toString(16)
        .padStart(16, '0'),
      itemTimeMs,
      growth: pick(random, [0, 1, 1, 1, 2]),
      sizes: pick(random, [[1], [1], [1, 2], [1, 4, 16]]),
      coefficientOfVariation: pick(random, [0.05, 0.2, 0.5, 1, 1.5]),
      waitShare,
      mayWait: waitShare > 0 || random() < 0.2,
      contention: contentionOf(random),
      // 0.2 us for a number, 1.2 ms for a megabyte there and back, 2 to 3 us for a small object.
      cloneMs: 0.0002 + pick(random, [0, 0.001, 0.003]) + (inputBytes + serializedBytes) * 0.6e-6,
      serializedBytes,
      inputBytes,
      complexity: 100 * 10 ** Math.min(2, Math.max(0, heaviness + random())),
      callDepth: 1 + Math.floor(3 * (heaviness + random())),
      importCount: Math.floor(4 * random() * (0.5 + heaviness)),
    }
  })
}

/** Most functions hardly disturb each other; some share the collector or the memory's bandwidth. */
function contentionOf(random: Random): number {
  return random() < 0.65 ? 0.02 * random() : 0.05 + 0.5 * random()
}

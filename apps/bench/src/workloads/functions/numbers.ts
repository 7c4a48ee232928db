/** Functions that compute; each is self-contained, so that it travels as its source. */

/** Number of primes below a limit, by the sieve of Eratosthenes. */
export function countPrimes(limit: number): number {
  const isComposite = new Uint8Array(limit)
  let count = 0
  for (let n = 2; n < limit; n++) {
    if (isComposite[n]) continue
    count++
    for (let multiple = n * n; multiple < limit; multiple += n) isComposite[multiple] = 1
  }
  return count
}

/** Escape times of a row of the Mandelbrot set, which differ a hundredfold from row to row. */
export function mandelbrotRow(y: number): number[] {
  const width = 256
  const row: number[] = []
  for (let column = 0; column < width; column++) {
    const x = (column / width) * 3 - 2.25
    let re = 0
    let im = 0
    let steps = 0
    while (steps < 2000 && re * re + im * im < 4) {
      const next = re * re - im * im + x
      im = 2 * re * im + y
      re = next
      steps++
    }
    row.push(steps)
  }
  return row
}

/** Trace of the product of two matrices that follow from a seed. */
export function matrixTrace({ seed, size }: { seed: number; size: number }): number {
  const a = new Float64Array(size * size)
  const b = new Float64Array(size * size)
  let state = seed
  for (let index = 0; index < a.length; index++) {
    state = (state * 48_271) % 2_147_483_647
    a[index] = state / 2_147_483_647
    b[index] = 1 - a[index]!
  }
  const product = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * b[k * size + j]!
    }
  }
  let trace = 0
  for (let i = 0; i < size; i++) trace += product[i * size + i]!
  return trace
}

/** Energy of five bodies after so many steps of the leapfrog method. */
export function nBodyEnergy({ seed, steps }: { seed: number; steps: number }): number {
  let state = seed
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const bodies = Array.from({ length: 5 }, () => ({
    x: next() * 10,
    y: next() * 10,
    z: next() * 10,
    vx: next() - 0.5,
    vy: next() - 0.5,
    vz: next() - 0.5,
    mass: next() + 0.1,
  }))
  const dt = 0.001
  for (let step = 0; step < steps; step++) {
    for (const a of bodies) {
      for (const b of bodies) {
        if (a === b) continue
        const dx = b.x - a.x
        const dy = b.y - a.y
        const dz = b.z - a.z
        const squared = dx * dx + dy * dy + dz * dz + 0.01
        const pull = (b.mass * dt) / (squared * Math.sqrt(squared))
        a.vx += dx * pull
        a.vy += dy * pull
        a.vz += dz * pull
      }
    }
    for (const body of bodies) {
      body.x += body.vx * dt
      body.y += body.vy * dt
      body.z += body.vz * dt
    }
  }
  return bodies.reduce((sum, { vx, vy, vz, mass }) => sum + mass * (vx * vx + vy * vy + vz * vz), 0)
}

/** Estimate of pi from so many points thrown by a generator of that seed. */
export function monteCarloPi({ seed, throws }: { seed: number; throws: number }): number {
  let state = seed | 0
  let hits = 0
  for (let index = 0; index < throws; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    const x = (state >>> 8) / 16_777_216
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    const y = (state >>> 8) / 16_777_216
    if (x * x + y * y < 1) hits++
  }
  return (4 * hits) / throws
}

/** Steps until the Collatz sequence of a number reaches 1. */
export function collatzSteps(start: number): number {
  let steps = 0
  for (let n = start; n > 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1
  return steps
}

/** Ways to place so many queens on a board of that size. */
export function countQueens(size: number): number {
  const all = (1 << size) - 1
  const place = (columns: number, left: number, right: number): number => {
    if (columns === all) return 1
    let count = 0
    for (let free = all & ~(columns | left | right); free !== 0;) {
      const bit = free & -free
      free ^= bit
      count += place(columns | bit, (left | bit) << 1, (right | bit) >> 1)
    }
    return count
  }
  return place(0, 0, 0)
}

/** Power of the strongest frequency of a signal. @see Cooley and Tukey, Math. Comp. 19, 1965. */
export function strongestFrequency(signal: Float64Array): number {
  const size = signal.length
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  const bits = Math.log2(size)
  for (let index = 0; index < size; index++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit)
    re[reversed] = signal[index]!
  }
  for (let span = 1; span < size; span *= 2) {
    for (let offset = 0; offset < span; offset++) {
      const cos = Math.cos((Math.PI * offset) / span)
      const sin = -Math.sin((Math.PI * offset) / span)
      for (let index = offset; index < size; index += 2 * span) {
        const twin = index + span
        const realPart = cos * re[twin]! - sin * im[twin]!
        const imaginaryPart = cos * im[twin]! + sin * re[twin]!
        re[twin] = re[index]! - realPart
        im[twin] = im[index]! - imaginaryPart
        re[index]! += realPart
        im[index]! += imaginaryPart
      }
    }
  }
  let strongest = 0
  for (let index = 1; index < size / 2; index++) {
    strongest = Math.max(strongest, re[index]! ** 2 + im[index]! ** 2)
  }
  return strongest
}

/** Ordinary functions of 1 us to 10 ms an item, and as many items for each as are asked for. */

/** Deterministic numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const make = (count, item) => {
  const random = randomNumbers(1)
  return Array.from({ length: count }, (_, index) => item(random, index / count))
}

/** Large items again and again: half a second of microseconds would not fit into memory otherwise. */
const DIFFERENT = 2000
const makeOfFew = (count, item) => {
  const few = make(Math.min(count, DIFFERENT), item)
  return Array.from({ length: count }, (_, index) => few[index % few.length])
}

const spin = (steps) => {
  let sum = 0
  for (let i = 0; i < steps; i++) sum += Math.sqrt(i)
  return sum
}

const text = (random, words) =>
  Array.from({ length: words }, () => Math.floor(random() * 1e6).toString(36)).join(' ')

const tree = (random, depth) =>
  depth === 0
    ? { value: random(), name: 'leaf' }
    : { left: tree(random, depth - 1), right: tree(random, depth - 1) }

/** Name, function, and what makes so many items. */
export const FUNCTIONS = [
  ['square roots, 1 us', spin, (count) => make(count, () => 800)],
  ['square roots, 20 us', spin, (count) => make(count, () => 15_000)],
  ['square roots, 300 us', spin, (count) => make(count, () => 220_000)],
  ['square roots, 5 ms', spin, (count) => make(count, () => 4_000_000)],
  ['square roots, 10 ms', spin, (count) => make(count, () => 8_000_000)],
  [
    'words of a text',
    (item) => {
      const counts = {}
      for (const word of item.split(' ')) counts[word] = (counts[word] ?? 0) + 1
      return Object.keys(counts).length
    },
    (count) => makeOfFew(count, (random) => text(random, 300)),
  ],
  [
    'parse and print JSON',
    (item) => JSON.stringify(JSON.parse(item)).length,
    (count) => makeOfFew(count, (random) => JSON.stringify(tree(random, 6))),
  ],
  [
    'sort numbers',
    (item) => item.toSorted((a, b) => a - b)[0],
    (count) => makeOfFew(count, (random) => Array.from({ length: 500 }, random)),
  ],
  [
    'regular expression',
    (item) => item.match(/\b[a-z]\w*\d\w*\b/g)?.length ?? 0,
    (count) => makeOfFew(count, (random) => text(random, 200)),
  ],
  [
    'sha256',
    (item) =>
      process.getBuiltinModule('node:crypto').createHash('sha256').update(item).digest('hex'),
    (count) => makeOfFew(count, (random) => text(random, 400)),
  ],
  [
    'gzip',
    (item) => process.getBuiltinModule('node:zlib').gzipSync(item).length,
    (count) => makeOfFew(count, (random) => text(random, 800)),
  ],
  [
    'recursive Fibonacci',
    (item) => {
      const fibonacci = (n) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))
      return fibonacci(item)
    },
    (count) => make(count, (random) => 16 + Math.floor(random() * 3)),
  ],
  [
    'primes',
    (limit) => {
      let count = 0
      for (let n = 2; n < limit; n++) {
        let isPrime = true
        for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0
        if (isPrime) count++
      }
      return count
    },
    (count) => make(count, (random) => 1000 + Math.floor(random() * 4000)),
  ],
  [
    'edit distance',
    ([a, b]) => {
      let row = Array.from({ length: b.length + 1 }, (_, n) => n)
      for (let i = 1; i <= a.length; i++) {
        const next = [i]
        for (let j = 1; j <= b.length; j++) {
          next[j] = Math.min(
            next[j - 1] + 1,
            row[j] + 1,
            row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1),
          )
        }
        row = next
      }
      return row[b.length]
    },
    (count) => makeOfFew(count, (random) => [text(random, 20), text(random, 20)]),
  ],
  [
    'matrix product',
    (size) => {
      const a = new Float64Array(size * size).fill(1.5)
      const c = new Float64Array(size * size)
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          let sum = 0
          for (let k = 0; k < size; k++) sum += a[i * size + k] * a[k * size + j]
          c[i * size + j] = sum
        }
      }
      return c[0]
    },
    (count) => make(count, () => 80),
  ],
  [
    'Mandelbrot row',
    (y) => {
      let inside = 0
      for (let x = 0; x < 200; x++) {
        let [re, im, n] = [0, 0, 0]
        for (; n < 100 && re * re + im * im < 4; n++)
          [re, im] = [re * re - im * im + x / 100 - 1.5, 2 * re * im + y]
        if (n === 100) inside++
      }
      return inside
    },
    (count) => make(count, (random) => random() * 2 - 1),
  ],
  [
    'build and walk objects',
    (count) => {
      const list = []
      for (let n = 0; n < count; n++) list.push({ id: n, name: `n${n}`, next: list[n - 1] })
      return list
        .filter(({ id }) => id % 3 === 0)
        .map(({ name }) => name.length)
        .reduce((a, b) => a + b, 0)
    },
    (count) => make(count, () => 600),
  ],
  [
    'big integers',
    (n) => (2n ** BigInt(n) % 1_000_003n).toString(),
    (count) => make(count, (random) => 5000 + Math.floor(random() * 5000)),
  ],
  [
    'a map of numbers',
    (count) => {
      const map = new Map()
      for (let n = 0; n < count; n++) map.set((n * 7) % 1009, n)
      return map.size
    },
    (count) => make(count, () => 2000),
  ],
  [
    'base64',
    (item) => Buffer.from(item).toString('base64').length,
    (count) => makeOfFew(count, (random) => text(random, 300)),
  ],
  [
    'dates',
    (item) => new Date(item).toISOString().slice(0, 10),
    (count) => make(count, (random) => random() * 1e12),
  ],
  [
    'sorted by cost',
    spin,
    (count) => make(count, (_, share) => 1000 + Math.round(share * 200_000)),
  ],
  [
    'two kinds, 1 in 10 is 20 times slower',
    spin,
    (count) => make(count, (random) => (random() < 0.1 ? 200_000 : 10_000)),
  ],
  [
    'heavy tail (Pareto 2.5)',
    spin,
    (count) => make(count, (random) => Math.min(4e6, 15_000 * (1 - random()) ** (-1 / 2.5))),
  ],
  [
    'clusters of slow items',
    spin,
    (count) => make(count, (_, share) => (share > 0.4 && share < 0.5 ? 400_000 : 20_000)),
  ],
]

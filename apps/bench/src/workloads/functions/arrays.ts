/** Functions over large inputs, or with large results; each travels as its source. */

/** A square grey image blurred by a 5 by 5 kernel. */
export function blur(image: Float64Array): Float64Array {
  const size = Math.sqrt(image.length)
  const kernel = [1, 4, 6, 4, 1]
  const blurred = new Float64Array(image.length)
  for (let y = 2; y < size - 2; y++) {
    for (let x = 2; x < size - 2; x++) {
      let weighted = 0
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          weighted += kernel[dy + 2]! * kernel[dx + 2]! * image[(y + dy) * size + x + dx]!
        }
      }
      blurred[y * size + x] = weighted / 256
    }
  }
  return blurred
}

/** Sum of all numbers. */
export function sum(numbers: Float64Array): number {
  let total = 0
  for (let index = 0; index < numbers.length; index++) total += numbers[index]!
  return total
}

/** Shannon entropy of the bytes, of their pairs and of their triples of high bits. */
export function entropy(bytes: Uint8Array): number {
  let bits = 0
  for (let order = 1; order <= 3; order++) {
    const counts = new Uint32Array(32_768)
    for (let index = order - 1; index < bytes.length; index++) {
      let symbol = 0
      for (let back = 0; back < order; back++) symbol = (symbol << 5) | (bytes[index - back]! >> 3)
      counts[symbol]!++
    }
    for (const count of counts) {
      if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length)
    }
  }
  return bits
}

/** The numbers, sorted as numbers. */
export function sortNumbers(numbers: number[]): number[] {
  return numbers.toSorted((a, b) => a - b)
}

/** The squares below a number: much to send back for little work. */
export function squaresBelow(count: number): number[] {
  const squares: number[] = []
  for (let n = 0; n < count; n++) squares.push(n * n)
  return squares
}

/** A picture of two interfering waves, one byte a point. */
export function interference({ seed, size }: { seed: number; size: number }): Uint8Array {
  const image = new Uint8Array(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const near = Math.sqrt((x - seed) ** 2 + (y - seed) ** 2)
      const far = Math.sqrt((x - size) ** 2 + (y + seed) ** 2)
      image[y * size + x] = 128 + 63 * (Math.sin(near / 3) + Math.sin(far / 5))
    }
  }
  return image
}

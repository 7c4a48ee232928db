/** Functions that take less than a microsecond or little more. Each travels as its source. */

/** A number times two. */
export function double(n: number): number {
  return n * 2
}

/** A number's bits, mixed. @see Appleby, MurmurHash3 (2011), the finaliser. */
export function mixBits(n: number): number {
  let hash = n | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A name with its first letters in capitals. */
export function titleCase(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
}

/** A short sum of roots. */
export function rootSum(n: number): number {
  let sum = 0
  for (let index = 0; index < 50; index++) sum += Math.sqrt(n + index)
  return sum
}

/** Distance between two places on the earth, kilometres, by the haversine formula. */
export function greatCircle({
  from,
  to,
}: {
  from: [number, number]
  to: [number, number]
}): number {
  const radians = Math.PI / 180
  const latitude = Math.sin(((to[0] - from[0]) * radians) / 2)
  const longitude = Math.sin(((to[1] - from[1]) * radians) / 2)
  const cosines = Math.cos(from[0] * radians) * Math.cos(to[0] * radians)
  return 12_742 * Math.asin(Math.sqrt(latitude * latitude + cosines * longitude * longitude))
}

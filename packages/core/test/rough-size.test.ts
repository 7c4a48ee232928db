import { serialize } from 'node:v8'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { roughBytes } from '../src/rough-size.ts'

it('of what repeats itself is within a factor of what it takes to send it', () => {
  const value = fc.oneof(
    fc.uint8Array({ minLength: 100, maxLength: 5000 }),
    fc.string({ minLength: 100, maxLength: 5000, unit: 'grapheme-ascii' }),
    fc
      .tuple(fc.integer({ min: 20, max: 2000 }), fc.integer({ min: 1e9, max: 2e9 }))
      .map(([count, number]) => Array.from({ length: count }, () => ({ number, name: 'item' }))),
    fc
      .tuple(fc.integer({ min: 20, max: 2000 }), fc.double({ noNaN: true }))
      .map(([count, number]) => new Map(Array.from({ length: count }, (_, key) => [key, number]))),
  )
  fc.assert(
    fc.property(value, (sent) => {
      const ratio = roughBytes(sent) / serialize(sent).byteLength

      expect(ratio).toBeGreaterThan(1 / 3)
      expect(ratio).toBeLessThan(3)
    }),
  )
})

it('of anything is a number of bytes, also of what refers to itself', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop

  for (const value of [
    loop,
    Symbol('a'),
    () => 1,
    null,
    undefined,
    [],
    {},
    new SharedArrayBuffer(9),
  ]) {
    expect(roughBytes(value)).toBeGreaterThan(0)
    expect(roughBytes(value)).toBeLessThan(1000)
  }
})

it('looks at each object once, whatever refers to it', () => {
  let looks = 0
  class Counted extends Array<unknown> {
    override *[Symbol.iterator](): ArrayIterator<unknown> {
      looks++
      yield* super[Symbol.iterator]()
    }
  }
  const nodes = Array.from({ length: 17 }, () => new Counted())
  for (const node of nodes) for (const other of nodes) node.push(other)

  expect(roughBytes(nodes)).toBeGreaterThan(0)
  expect(looks).toBeLessThanOrEqual(nodes.length)
})

it('looks at so many parts in all, and runs no getter', () => {
  let looks = 0
  const nested = (levels: number): unknown => {
    if (levels === 0) return 1
    const node: unknown[] = Array.from({ length: 16 }, () => nested(levels - 1))
    node[Symbol.iterator] = function* parts() {
      looks++
      yield* Array.from({ length: 16 }, (_, place) => node[place])
    } as (typeof node)[typeof Symbol.iterator]
    return Object.defineProperty({ node }, 'text', {
      enumerable: true,
      get: () => {
        throw new Error('not asked for')
      },
    })
  }

  expect(roughBytes(nested(4))).toBeGreaterThan(1000)
  expect(looks).toBeLessThanOrEqual(512)
})

it('of what throws when it is looked at is a number of bytes too', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const unwilling = {
    get text(): string {
      throw new Error('not ready')
    },
  }
  const broken = new Map([[1, 2]])
  broken[Symbol.iterator] = () => {
    throw new Error('no')
  }

  for (const value of [proxy, { proxy }, unwilling, [unwilling], broken]) {
    expect(roughBytes(value)).toBeGreaterThan(0)
  }
})

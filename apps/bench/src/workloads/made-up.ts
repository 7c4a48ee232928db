/** Texts and records that look like real ones. */
import { integerBetween } from '../harness/random.ts'
import type { Random } from '../harness/random.ts'
import type { Order } from './functions/objects.ts'

const SYLLABLES = 'ka lo mi ter ven sol ar in do ne ra qui bel mo ste gan fu pri'.split(' ')
const COUNTRIES = ['AT', 'CH', 'DE', 'DK', 'FR', 'IT', 'NL', 'PL']
const METHODS = ['GET', 'GET', 'GET', 'POST', 'HEAD']
const STATUSES = [200, 200, 200, 304, 404, 500]

/** One of the values. */
export function pick<T>(values: readonly T[], random: Random): T {
  return values[integerBetween(0, values.length - 1, random)]!
}

/** A word of one to four syllables. */
export function makeWord(random: Random): string {
  const syllables = integerBetween(1, 4, random)
  return Array.from({ length: syllables }, () => pick(SYLLABLES, random)).join('')
}

/** Words up to a length. */
export function makeText(length: number, random: Random): string {
  const words: string[] = []
  for (let total = 0; total < length;) {
    const word = makeWord(random)
    words.push(word)
    total += word.length + 1
  }
  return words.join(' ').slice(0, length)
}

/** Random letters of an alphabet of four, as in edit distances of genes. */
export function makeGene(length: number, random: Random): string {
  return Array.from({ length }, () => pick(['a', 'c', 'g', 't'], random)).join('')
}

/** Random bytes; the smaller the range, the better they pack. */
export function makeBytes(length: number, range: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => integerBetween(0, range - 1, random))
}

/** Numbers from 0 up to 1. */
export function makeNumbers(length: number, random: Random): Float64Array {
  return Float64Array.from({ length }, random)
}

/** A document with headings, lists, emphasis and links. */
export function makeMarkdown(paragraphs: number, random: Random): string {
  const lines = Array.from({ length: paragraphs }, (_, index) => {
    const text = makeText(80, random)
    const decorated = `${text} **${makeWord(random)}** and *${makeWord(random)}*, \`x < 1\`, [${makeWord(random)}](/${makeWord(random)})`
    if (index % 7 === 0) return `## ${makeText(30, random)}`
    return index % 3 === 0 ? `- ${decorated}` : `${decorated}\n`
  })
  return lines.join('\n')
}

/** A table of quoted and plain fields. */
export function makeCsv(rows: number, random: Random): string {
  const lines = Array.from(
    { length: rows },
    (_, index) =>
      `${index},"${makeWord(random)}, ""${makeWord(random)}""",${random().toFixed(4)},${makeWord(random)}`,
  )
  return `id,name,value,tag\n${lines.join('\n')}\n`
}

/** A line of a web server's log. */
export function makeLogLine(random: Random): string {
  const host = Array.from({ length: 4 }, () => integerBetween(1, 254, random)).join('.')
  const path = `/${makeWord(random)}/${makeWord(random)}?id=${integerBetween(1, 9999, random)}`
  return `${host} - - [03/Nov/2026:10:${integerBetween(10, 59, random)}:00 +0000] "${pick(METHODS, random)} ${path} HTTP/1.1" ${pick(STATUSES, random)} ${integerBetween(100, 50_000, random)}`
}

/** A text with an address and a date now and then. */
export function makeLetter(length: number, random: Random): string {
  return makeText(length, random).replace(
    /\bka\w*/g,
    (word) => `${word}.${makeWord(random)}@example.org 2026-11-0${integerBetween(1, 9, random)}`,
  )
}

/** An order of so many lines. */
export function makeOrder(lines: number, random: Random): Order {
  return {
    id: integerBetween(1, 1_000_000, random),
    customer: `${makeWord(random)} ${makeWord(random)}`,
    country: pick(COUNTRIES, random),
    lines: Array.from({ length: lines }, () => ({
      article: makeWord(random),
      price: Math.round(random() * 10_000) / 100,
      count: integerBetween(1, 9, random),
    })),
  }
}

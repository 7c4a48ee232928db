/** The work of the demo: reads one source file, tokenises it, measures its entropy and vocabulary. */
import { readFileSync } from 'node:fs'

import jsTokens from 'js-tokens'

/** What is known about one source file. */
export interface Analysis {
  readonly tokens: number
  /** Distinct identifiers; in prose, distinct words. */
  readonly vocabulary: number
  /** Shannon entropy of the characters, bits. */
  readonly entropy: number
  /** The most frequent of them. */
  readonly favourite: string
}

/** Analyses the file at a path. */
export function analyse(path: string): Analysis {
  const text = readFileSync(path, 'utf8')
  const frequency = new Map<string, number>()
  let tokens = 0
  for (const { type, value } of jsTokens(text)) {
    tokens++
    if (type === 'IdentifierName') frequency.set(value, (frequency.get(value) ?? 0) + 1)
  }
  return {
    tokens,
    vocabulary: frequency.size,
    entropy: characterEntropy(text),
    favourite: mostFrequent(frequency),
  }
}

/** @see Shannon, "A mathematical theory of communication", 1948: H = -sum p log2 p. */
function characterEntropy(text: string): number {
  const counts = new Uint32Array(0x1_00_00)
  // `charCodeAt` is within 16 bits.
  for (let index = 0; index < text.length; index++) counts[text.charCodeAt(index)]!++
  let entropy = 0
  for (const count of counts) {
    if (count > 0) entropy -= (count / text.length) * Math.log2(count / text.length)
  }
  return entropy
}

function mostFrequent(frequency: ReadonlyMap<string, number>): string {
  let favourite = ''
  let most = 0
  for (const [word, count] of frequency) {
    if (count > most) [favourite, most] = [word, count]
  }
  return favourite
}

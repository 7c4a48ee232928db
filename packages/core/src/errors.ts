/** What only the umbrella can refuse; everything else is an error of the package it comes from. */
import { AmorsizeError } from '@amorsize/features'

/**
 * An option that does not exist, most often a slip of the pen.
 * @public
 */
export class UnknownOptionError extends AmorsizeError {
  /** Stable identifier of the failure. */
  override readonly code = 'AMORSIZE_CORE_UNKNOWN_OPTION'
  /** Name of the class, also in minified code. */
  override readonly name = 'UnknownOptionError'

  /**
   * @param option - The name that was given.
   * @param known - The names there are.
   */
  constructor(option: string, known: readonly string[]) {
    const closest = closestTo(option, known)
    const remedy = closest ? `Did you mean \`${closest}\`?` : `The options are ${known.join(', ')}.`
    super(`Expected only known options, got \`${option}\`. ${remedy}`, { value: option, remedy })
  }
}

/**
 * A version of the model that was never saved, or is no longer kept.
 * @public
 */
export class UnknownModelError extends AmorsizeError {
  /** Stable identifier of the failure. */
  override readonly code = 'AMORSIZE_CORE_UNKNOWN_MODEL'
  /** Name of the class, also in minified code. */
  override readonly name = 'UnknownModelError'

  /**
   * @param version - The number that was given.
   * @param known - The versions there are.
   */
  constructor(version: number, known: readonly number[]) {
    const remedy = `The versions are ${known.join(', ')}.`
    super(`Expected a saved version of the model, got ${version}. ${remedy}`, {
      value: version,
      remedy,
    })
  }
}

/** A name further away than this share of its letters is another word, not a slip. */
const SLIP_SHARE = 0.4

function closestTo(word: string, candidates: readonly string[]): string | undefined {
  const [closest] = candidates
    .map((candidate) => ({
      candidate,
      edits: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, edits }) => edits <= candidate.length * SLIP_SHARE)
    .toSorted((a, b) => a.edits - b.edits)
  return closest?.candidate
}

/**
 * Insertions, deletions and replacements from one word to the other.
 * @see Wagner and Fischer, "The string-to-string correction problem", J. ACM 21(1), 1974.
 */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of from.split('').entries()) {
    const current = [row + 1]
    for (const [column, other] of to.split('').entries()) {
      // Both rows have an entry for every column up to this one.
      const replaced = previous[column]! + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, previous[column + 1]! + 1, current[column]! + 1))
    }
    previous = current
  }
  return previous.at(-1)!
}

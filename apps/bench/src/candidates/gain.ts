/** What one model gains over another on the same functions. */
import type { CandidateAnswer } from './candidate-models.ts'

/** Mean over the functions, each of which counts once, and how sure it is. */
export interface Gain {
  /** Share of the time by which plans are quicker; below 0 where they are slower. */
  readonly mean: number
  readonly standardError: number
}

/** By the logarithms of the regrets, run by run: the same runs, in the same order. */
export function gainOf(
  answers: readonly CandidateAnswer[],
  base: readonly CandidateAnswer[],
): Gain {
  const byFunction = new Map<string, number[]>()
  for (const [place, { run, regret }] of answers.entries()) {
    const difference = Math.log(base[place]!.regret / regret)
    const { functionSignature } = run.sample
    byFunction.set(functionSignature, [...(byFunction.get(functionSignature) ?? []), difference])
  }
  const gains = [...byFunction.values()].map(meanOf)
  const mean = meanOf(gains)
  const variance = meanOf(gains.map((gain) => (gain - mean) ** 2))
  return { mean, standardError: Math.sqrt(variance / Math.max(1, gains.length - 1)) }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

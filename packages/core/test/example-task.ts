/** A function that computes for a little while, and items for it. */
export const spin = (turns: number): number => {
  let sum = 0
  for (let turn = 0; turn < turns; turn++) sum += Math.sqrt(turn)
  return sum
}
export const items: readonly number[] = Array.from({ length: 400 }, () => 20_000)

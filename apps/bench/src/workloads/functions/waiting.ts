/** Asynchronous functions: most of them wait. They need imports, so they travel by module. */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** Answers after so many milliseconds, as a service would. */
export async function answerAfter(delayMs: number): Promise<number> {
  await wait(delayMs)
  return delayMs * 2
}

/** Lines of a file. */
export async function countLines(path: string): Promise<number> {
  const text = await readFile(path, 'utf8')
  return text.split('\n').length
}

/** Waits for an answer, then computes with it for about as long. */
export async function answerThenSum({
  delayMs,
  terms,
}: {
  delayMs: number
  terms: number
}): Promise<number> {
  await wait(delayMs)
  let sum = 0
  for (let index = 0; index < terms; index++) sum += Math.sqrt(index)
  return sum
}

/** Never waits, though it is asynchronous. */
export async function asyncSum(terms: number): Promise<number> {
  let sum = 0
  for (let index = 0; index < terms; index++) sum += Math.sqrt(index)
  return Promise.resolve(sum)
}

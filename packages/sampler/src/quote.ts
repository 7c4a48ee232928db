/** How a value appears in an error message: short, with its type. */
const { inspect } = process.getBuiltinModule('node:util')

const LONGEST_QUOTE = 80

/** One line of at most {@link LONGEST_QUOTE} characters, and the type where it is not obvious. */
export function quote(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  const text = inspect(value, {
    depth: 1,
    breakLength: Infinity,
    maxArrayLength: 5,
    maxStringLength: 60,
  })
  const line = text.replaceAll(/\s+/g, ' ')
  const short = line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE - 1)}…` : line
  return `${short} (${typeof value})`
}

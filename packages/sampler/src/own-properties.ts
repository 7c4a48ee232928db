/**
 * Properties of a function that it reads by its own name: `score.weights` in `function score() { … }`.
 * The name is there in a worker too, the properties are not.
 */

/** The name by which a function knows itself. */
const OWN_NAME = /^(?:async\s+)?function\s+([\p{ID_Continue}$]+)/u

/**
 * Properties that the function seems to read, each with the name before it; none where it makes properties
 * of its own, as one that remembers its results does.
 */
export function ownProperties(task: object, source: string): string[] {
  const keys = Object.keys(task)
  if (keys.length === 0) return []
  const name = OWN_NAME.exec(source)?.[1]
  if (name === undefined) return []
  const self = String.raw`(?<![\p{ID_Continue}$.])${name.replaceAll('$', String.raw`\$`)}(?![\p{ID_Continue}$])`
  const finds = (pattern: string): boolean => new RegExp(pattern, 'u').test(source)
  const looks = finds(String.raw`${self}\s*(?:\??\.|\[)|=\s*${self}`)
  const makes = finds(
    String.raw`${self}(?:\.[\p{ID_Continue}$]+|\[[^\]]*\])\s*(?:\?\?|\|\|)?=(?![=>])`,
  )
  if (!looks || makes) return []
  const named = keys.filter((key) => source.includes(key))
  const isAnyRead = named.length === 0 && finds(String.raw`${self}\s*(?:\?\.)?\[`)
  return (isAnyRead ? keys : named).map((key) => `${name}.${key}`)
}

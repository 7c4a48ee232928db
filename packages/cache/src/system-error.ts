/** What the file system says when it refuses. */

/** The code of a system error (`ENOSPC`, `EMFILE` and so on), or `undefined`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The refusal, for people. */
export function refusalOf(error: unknown): string {
  return `the file system refused: ${codeOf(error) ?? String(error)}`
}

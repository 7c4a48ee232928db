/** Tables on a terminal: names to the left, figures to the right. */

/** A row whose numbers end under one another. */
export function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) =>
    /^[-+]?[\d.,]+( ms| %)?$/.test(cell) || cell === ''
      ? cell.padStart(widths[column]!)
      : cell.padEnd(widths[column]!),
  )
  return cells.join('  ').trimEnd()
}

/** Tables on a terminal: names to the left, figures to the right. */

/** One row of cells. */
export type Cells = readonly string[]

/** Widths that fit every cell of a column; the last column is not padded. */
export function formatTable(header: Cells, rows: readonly Cells[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row) => formatRow(row, widths)).join('\n')
}

/** A row whose numbers end under one another. */
export function formatRow(row: Cells, widths: readonly number[]): string {
  const cells = row.map((cell, column) =>
    /^[-+]?[\d.,]+( ms| %)?$/.test(cell) || cell === ''
      ? cell.padStart(widths[column]!)
      : cell.padEnd(widths[column]!),
  )
  return cells.join('  ').trimEnd()
}

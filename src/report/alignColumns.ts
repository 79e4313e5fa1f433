export type Alignment = 'left' | 'right';

const GAP = '  ';

/**
 * Rows of cells as lines of text, each column as wide as its widest cell. Rows may end early.
 *
 * @example
 * alignColumns([['a', '10'], ['bcd', '5']], ['left', 'right']) // ['a    10', 'bcd   5']
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): readonly string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => lengthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat(Math.max(0, widths[column]! - lengthOf(cell)));
        return alignments[column] === 'right' ? padding + cell : cell + padding;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Characters, not UTF-16 units. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** Names that are compared in full; of longer ones the end, which tells more. */
const LONGEST = 64;

/**
 * The names that come nearest to one that is not there: those that hold it first, then by the number of edits.
 *
 * @param count how many at most
 */
export function nearNames(wanted: string, names: readonly string[], count = 3): readonly string[] {
  const target = wanted.toLowerCase().slice(-LONGEST);
  const scored = [...new Set(names)].map((name, order) => {
    const text = name.toLowerCase();
    const edits = distance(target, text.slice(-LONGEST));
    return { name, order, score: text.includes(target) ? edits - LONGEST : edits };
  });
  return scored
    .sort((a, b) => a.score - b.score || a.order - b.order)
    .slice(0, count)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

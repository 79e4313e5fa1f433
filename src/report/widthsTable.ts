import { alignColumns } from './alignColumns.js';
import { elide, printable } from './printable.js';
import type { GroupWidths } from './results.js';

const LONGEST_NAME = 50;

/** Widths of every layer, before → after; layers of one group stand together, and have the same channels. */
export function widthsTable(groups: readonly GroupWidths[]): string {
  if (groups.length === 0) return 'widths: no channels could be changed\n';
  const rows = groups.flatMap(({ name, before, after, members }) => {
    const layers = members.length === 0 ? [name] : members;
    return layers.map((layer, i) => [
      elide(printable(layer), LONGEST_NAME),
      String(before),
      before === after ? '=' : '→',
      String(after),
      i === 0 ? '' : `with ${elide(printable(layers[0]!), LONGEST_NAME)}`,
    ]);
  });
  return `${alignColumns([['layer', 'width'], ...rows], ['left', 'right', 'left', 'right', 'left']).join('\n')}\n`;
}

import { graphErrors } from '../errors/graphErrors.js';
import type { Graph } from '../graph/graph.js';
import { nearNames } from '../graph/nearNames.js';

/** Names of values whose channels stay, each with the reason. */
export type Kept = ReadonlyMap<string, string>;

export const NOTHING_KEPT: Kept = new Map();

/**
 * The values that patterns name: outputs of the nodes, and values, whose names match. `*` stands for any characters,
 * slashes too, `?` for any single one.
 *
 * @throws GRAPH_NO_SUCH_NODE for a pattern that matches nothing
 */
export function keptValues(graph: Graph, patterns: readonly string[]): Kept {
  const kept = new Map<string, string>();
  for (const pattern of patterns) {
    const matches = matcher(pattern);
    const nodes = graph.nodes.filter(({ name }) => matches(name));
    const values = graph.values.filter(({ name }) => matches(name));
    if (nodes.length + values.length === 0) {
      const names = [...graph.nodes, ...graph.values].map(({ name }) => name);
      throw graphErrors.noSuchNode('--keep', pattern, nearNames(pattern.replace(/[*?]/g, ''), names));
    }
    const outputs = nodes.flatMap((node) => node.outputs.filter((output) => output !== undefined));
    for (const { name } of [...outputs, ...values]) {
      if (!kept.has(name)) kept.set(name, `kept by --keep ${pattern}`);
    }
  }
  return kept;
}

/** Whether a name matches a glob; in linear steps, so that no pattern takes long. */
function matcher(pattern: string): (name: string) => boolean {
  const glob = Array.from(pattern);
  return (name) => {
    const text = Array.from(name);
    let p = 0;
    let t = 0;
    let star = -1;
    let resume = 0;
    while (t < text.length) {
      if (glob[p] === '*') {
        star = p++;
        resume = t;
      } else if (p < glob.length && (glob[p] === '?' || glob[p] === text[t])) {
        p++;
        t++;
      } else if (star >= 0) {
        // The last star takes one character more.
        p = star + 1;
        t = ++resume;
      } else return false;
    }
    while (glob[p] === '*') p++;
    return p === glob.length;
  };
}

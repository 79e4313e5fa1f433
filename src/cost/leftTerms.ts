import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse } from '../channels/topology/collapse.js';
import type { Node } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { CostTerm } from '../ops/costTerm.js';
import type { AxisRef } from '../ops/relation.js';
import type { NodeCost, StoredTerm } from './costTerms.js';
import type { Resource } from './resource.js';

/** The nodes that a term is paid for: it falls away with the last of them. */
export function payersOf({ node }: NodeCost, term: CostTerm | StoredTerm): readonly Node[] {
  return 'value' in term ? term.value.uses.map((use) => use.node) : [node];
}

/** What constants cost that a graph has only after groups have died. */
export function addedTerms({ model }: ChannelAnalysis, collapse: Collapse, resource: Resource): readonly CostTerm[] {
  if (resource !== 'params' && resource !== 'weightBytes') return [];
  const term = ({ value }: Pick<AxisRef, 'value'>, axes: readonly AxisRef[]): CostTerm => {
    const bytes = (dataTypeInfo(model.typeOf(value).dataType)?.bits ?? 0) / 8;
    return { coefficient: resource === 'params' ? 1 : bytes, axes };
  };
  return [
    ...collapse.constants.map(({ value, wide }) =>
      term(
        { value },
        [...wide.keys()].filter((axis) => wide[axis]).map((axis) => ({ value, axis })),
      ),
    ),
    ...collapse.folds
      .filter(({ bias }) => bias === undefined)
      .map(({ output, addend }) => term({ value: output }, [{ value: output, axis: addend.axis }])),
  ];
}

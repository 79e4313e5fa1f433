import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import { CostModel } from '../../src/cost/costModel.js';
import { loadModel } from '../../src/pipeline/loadModel.js';
import { modelReport } from '../../src/pipeline/modelReport.js';
import { prune } from '../../src/pipeline/prune.js';
import { emptyFolder } from '../pipeline/digits.js';
import { LAW_TOLERANCE } from '../support/expectLaw.js';
import { ZOO, ZOO_FOLDER, zooPath } from './zooModels.js';

// Both scopes of both targets on all models take a minute: every other model swaps them.
const CASES = ZOO.flatMap((name, i) => {
  const scopes = i % 2 === 0 ? (['global', 'local'] as const) : (['local', 'global'] as const);
  return [
    { name, resource: 'flops', share: 0.5, scope: scopes[0] },
    { name, resource: 'params', share: 0.3, scope: scopes[1] },
  ] as const;
});

describe('prune on real architectures', () => {
  it('sees all of them', () => {
    expect(readdirSync(ZOO_FOLDER).sort()).toEqual(ZOO.map((name) => `${name}.onnx`));
  });

  it.each(CASES)('$name to $resource=$share, $scope', async ({ name, resource, share, scope }) => {
    const path = zooPath(name);
    const out = join(emptyFolder(), 'small.onnx');
    const { input, output, target, verification } = await prune(path, { target: { resource, share }, scope, out });
    expect(verification.maxRelativeDifference).toBeLessThanOrEqual(LAW_TOLERANCE);

    const before = await loadModel(path);
    expect(target.limit).toBe(share * modelReport(before).totals[resource]);
    expect(target.achieved).toBeLessThanOrEqual(target.limit);
    const slack = Math.max(dearestUnit(before.analysis, resource), 0.01 * target.limit);
    expect(target.achieved).toBeGreaterThanOrEqual(target.limit - slack);

    const after = modelReport(await loadModel(out));
    expect(after.totals[resource]).toBe(target.achieved);
    for (const [costs, report] of [
      [input, modelReport(before)],
      [output, after],
    ] as const) {
      expect([costs.flops, costs.macs, costs.params]).toEqual([
        report.totals.flops,
        report.totals.macs,
        report.totals.params,
      ]);
    }
    expect(output.fileBytes).toBe(readFileSync(out).length);
  });
});

/** What the most expensive single unit costs while all others stand. */
function dearestUnit(analysis: CostModel['analysis'], resource: CostModel['resource']): number {
  const cost = new CostModel(analysis, resource);
  const widths = cost.widths(new Uint8Array(analysis.unitCount).fill(1));
  const units = analysis.groups.filter(isPrunable).flatMap((group) => [...group.units]);
  return Math.max(...units.map((unit) => -cost.change(widths, unit, -1)));
}

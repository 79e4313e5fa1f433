/** @file The results as Markdown. */
import { identityOf } from './resultFile.mjs';

/** Mean and deviation of a sample; the deviation of one number is not known. */
export function spread(numbers) {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    mean,
    deviation: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : undefined,
  };
}

/** Runs that differ in their seed alone, together; by budget, the best first. */
export function summaries(results) {
  const groups = new Map();
  for (const result of results) {
    const key = identityOf({ ...result, seed: 'any' });
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const mean = (runs, read) => spread(runs.map(read)).mean;
  return [...groups.values()]
    .map((runs) => ({
      ...runs[0],
      runs: runs.length,
      place: results.indexOf(runs.at(-1)),
      accuracy: spread(runs.map(({ accuracy }) => accuracy)),
      flopsShare: mean(runs, ({ flopsShare }) => flopsShare),
      params: mean(runs, ({ params }) => params),
      latencyMs: mean(runs, ({ latencyMs }) => latencyMs),
      seedLatencyMs: mean(runs, ({ seedLatencyMs }) => seedLatencyMs),
      minutes: mean(runs, ({ minutes }) => minutes),
    }))
    .sort(
      (a, b) =>
        a.model.localeCompare(b.model) ||
        (a.resource < b.resource ? -1 : Number(a.resource > b.resource)) ||
        b.budget - a.budget ||
        b.accuracy.mean - a.accuracy.mean,
    );
}

/** One table for each network: accuracy, what the result costs, and how long it took. */
export function qualityTable(results) {
  const rows = summaries(results);
  const models = [...new Set(rows.map(({ model }) => model))];
  return models
    .map((model) => {
      const own = rows.filter((row) => row.model === model);
      const title = `${model}: accuracy of the seed ${own[0].seedAccuracy.toFixed(4)}, ${own[0].seedParams} params`;
      return [
        title,
        '',
        markdown(
          ['budget', 'method', 'epochs', 'rate', 'accuracy', 'seeds', 'FLOPs', 'params', 'latency', 'minutes'],
          own.map((row) => [
            row.method === 'longer' ? '–' : `${row.budget} % ${row.resource === 'flops' ? 'FLOPs' : row.resource}`,
            row.method,
            epochsText(row),
            row.recipe.learningRate,
            accuracyText(row.accuracy),
            row.runs,
            `${(100 * row.flopsShare).toFixed(1)} %`,
            Math.round(row.params),
            `${((100 * row.latencyMs) / row.seedLatencyMs).toFixed(0)} %`,
            row.minutes.toFixed(1),
          ]),
        ),
      ].join('\n');
    })
    .join('\n\n');
}

/** Widths layer by layer of the first seed of each way, side by side. */
export function structureTable(results, model) {
  const columns = results.filter((result) => result.model === model && result.seed === 0 && result.method !== 'longer');
  if (columns.length === 0) return '';
  const heads = columns.map(({ method, resource, budget }) => `${method}, ${budget} % ${resource}`);
  const rows = columns[0].widths.map(([name, before], i) => [
    name,
    before,
    ...columns.map(({ widths }) => widths[i][2]),
  ]);
  return markdown(['layer', 'seed', ...heads], rows);
}

/** Those under a penalty and those after it, or all. */
function epochsText({ method, epochs, recipe: { shrinkEpochs } }) {
  if (shrinkEpochs !== undefined) return `${shrinkEpochs} + ${epochs - shrinkEpochs}`;
  return method === 'uniform' ? 2 * epochs : epochs;
}

function accuracyText({ mean, deviation }) {
  return deviation === undefined ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
}

function markdown(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map((_, i) => (i < 2 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

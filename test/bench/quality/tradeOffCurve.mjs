/** @file Accuracy over FLOPs, as a picture. */
import { summaries } from './qualityTable.mjs';

const [WIDTH, HEIGHT] = [720, 440];
const PLOT = { left: 70, right: 540, top: 40, bottom: 380 };
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/**
 * An SVG of one network, from the runs of as many epochs as most have: a line for each method, bars of ± one deviation, the seed's
 * accuracy dashed.
 */
export function tradeOffCurve(results, model) {
  const all = summaries(results).filter((row) => row.model === model && row.resource === 'flops');
  const rows = all.filter(({ epochs }) => epochs === commonest(all.map((row) => row.epochs)));
  const methods = [...new Set(rows.map(({ method }) => method))]
    .filter((m) => m !== 'longer' && m !== 'regrown')
    .sort();
  const shown = rows.filter((row) => methods.includes(row.method) && row === foremost(rows, row));
  if (shown.length === 0) throw new Error(`there is no result of ${model} yet`);
  const seed = shown[0].seedAccuracy;
  const reach = ({ mean, deviation = 0 }) => [mean - deviation, mean + deviation];
  const heights = [seed, ...shown.flatMap(({ accuracy }) => reach(accuracy))];
  const [low, high] = [Math.floor(200 * Math.min(...heights)) / 200, Math.ceil(200 * Math.max(...heights)) / 200];
  const x = (share) => PLOT.left + ((PLOT.right - PLOT.left) * Math.log2(share * 16)) / Math.log2(16 * 0.7);
  const y = (accuracy) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (accuracy - low)) / (high - low);
  const step = high - low > 0.03 ? 0.01 : 0.005;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
  const parts = [
    text((PLOT.left + PLOT.right) / 2, 24, `${model}: accuracy on the test data over FLOPs`, 'middle'),
    ...ticks.flatMap((tick) => [
      line(PLOT.left, y(tick), PLOT.right, y(tick), '#ddd'),
      text(PLOT.left - 8, y(tick) + 4, tick.toFixed(3), 'end'),
    ]),
    ...[0.125, 0.25, 0.5].flatMap((share) => [
      line(x(share), PLOT.top, x(share), PLOT.bottom, '#ddd'),
      text(x(share), PLOT.bottom + 20, `${100 * share} %`, 'middle'),
    ]),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, 'FLOPs of the seed', 'middle'),
    line(PLOT.left, y(seed), PLOT.right, y(seed), '#666', 'stroke-dasharray="6 4"'),
    text(PLOT.right + 12, y(seed) + 4, `seed ${seed.toFixed(4)}`, 'start'),
    ...methods.flatMap((method, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const own = shown.filter((row) => row.method === method).sort((a, b) => a.flopsShare - b.flopsShare);
      const points = own.map(({ flopsShare, accuracy }) => `${fixed(x(flopsShare))},${fixed(y(accuracy.mean))}`);
      const legend = PLOT.bottom - 20 * (methods.length - i);
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...own.flatMap(({ flopsShare, accuracy }) => {
          const [from, to] = reach(accuracy);
          const dot = `<circle cx="${fixed(x(flopsShare))}" cy="${fixed(y(accuracy.mean))}" r="3.5" fill="${colour}"/>`;
          return [line(x(flopsShare), y(from), x(flopsShare), y(to), colour), dot];
        }),
        line(PLOT.right + 12, legend - 4, PLOT.right + 32, legend - 4, colour, 'stroke-width="3"'),
        text(PLOT.right + 40, legend, method, 'start'),
      ];
    }),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    `<title>${model}: accuracy over FLOPs</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function commonest(numbers) {
  const count = (number) => numbers.filter((other) => other === number).length;
  return numbers.reduce((best, number) => (count(number) > count(best) ? number : best));
}

/** Of the same method and budget with other settings, the one with most seeds; of these the last that was run. */
function foremost(rows, { method, budget }) {
  const own = rows.filter((row) => row.method === method && row.budget === budget);
  return own.reduce((best, row) =>
    row.runs > best.runs || (row.runs === best.runs && row.place > best.place) ? row : best,
  );
}

function fixed(number) {
  return number.toFixed(1);
}

function line(x1, y1, x2, y2, colour, more = '') {
  const ends = [x1, y1, x2, y2].map(fixed);
  return `<line x1="${ends[0]}" y1="${ends[1]}" x2="${ends[2]}" y2="${ends[3]}" stroke="${colour}" ${more}/>`;
}

function text(x, y, content, anchor) {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${content}</text>`;
}

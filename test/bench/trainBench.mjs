/**
 * @file Training speed, side by side: `npm run bench:train [-- --model resnet20,vit --engine onnxruntime,wasm --rounds 3
 * --seconds 5 --penalty --json]`
 *
 * Models are built here, with random weights; engines are those that are installed. Each pair runs in a process of its
 * own, once in each round, the pairs in turn, so that a machine that drifts does not favour one of them. Prints medians
 * over all rounds: ms per step (forward, backward, SGD with momentum), by the clock and of all cores together (which
 * other processes disturb less), images per second, the peak of the process's memory, and, with `--penalty`, how much
 * longer a step under the penalty takes, by the clock and of all cores.
 */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../dist/runtime/measureLatency.js';
import { ENGINES, installedEngines } from './engines/openEngine.mjs';
import { BENCH_MODELS } from './models/benchModels.mjs';

/** How far engines that start from the same weights may be apart: in the first step, and once rounding has grown. */
const LOSS_TOLERANCES = [1e-4, 2e-2, 2e-2];

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: Object.keys(BENCH_MODELS).join() },
    engine: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    penalty: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const models = chosen('--model', options.model, Object.keys(BENCH_MODELS));
const engines = await installedEngines(
  options.engine === undefined ? undefined : chosen('--engine', options.engine, Object.keys(ENGINES)),
);
const rows = models.flatMap((model) => engines.map((engine) => ({ model, engine, runs: [], penalties: [] })));

for (let round = 1; round <= Number(options.rounds); round++) {
  for (const row of rows.filter(({ error }) => error === undefined)) {
    process.stderr.write(`round ${round}/${options.rounds}: ${row.model} on ${row.engine}\n`);
    try {
      row.runs.push(await measure(row, 'step'));
      // Engines that are there for comparison train without the project's own trainer.
      if (options.penalty && ['onnxruntime', 'tensorflow'].includes(row.engine)) {
        row.penalties.push(await measure(row, 'penalty'));
      }
    } catch (error) {
      row.error = error.message;
    }
  }
}
const results = rows.map(summary);
checkLosses();
if (options.json) process.stdout.write(`${JSON.stringify({ machine: machine(), results }, null, 2)}\n`);
else process.stdout.write(table());

function chosen(option, text, known) {
  const names = text.split(',');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  process.stderr.write(`error: ${option}: there is no '${unknown}'; use ${known.join(', ')}\n`);
  process.exit(2);
}

/** One line of JSON from a process of its own. */
function measure({ model, engine }, mode) {
  const script = fileURLToPath(new URL('trainChild.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, model, engine, options.seconds, mode]);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(JSON.parse(out.trim().split('\n').at(-1)));
      const reason = errors.split('\n').find((line) => /^\w*Error\b/.test(line));
      reject(new Error(reason ?? `it ended with code ${code}`));
    });
  });
}

function summary({ model, engine, runs, penalties, error }) {
  const { batch, macs } = BENCH_MODELS[model];
  if (error !== undefined) return { model, engine, batch, error };
  const msPerStep = median(runs.flatMap(({ ms }) => ms));
  return {
    ...{ model, engine, batch, macs },
    msPerStep: Number(msPerStep.toPrecision(4)),
    cpuMsPerStep: Number(median(runs.flatMap(({ cpuMs }) => cpuMs)).toPrecision(4)),
    imagesPerSecond: Number(((1000 * batch) / msPerStep).toPrecision(4)),
    peakRssMb: median(runs.map(({ peakRssMb }) => peakRssMb)),
    ...(penalties.length === 0
      ? {}
      : {
          penaltyPercent: percent(penalties.flatMap(({ byWall }) => byWall)),
          penaltyCpuPercent: percent(penalties.flatMap(({ byCpu }) => byCpu)),
        }),
    losses: runs[0].losses,
    first: runs[0].first,
    last: runs[0].last,
  };
}

function percent(shares) {
  return Number((100 * median(shares)).toFixed(1));
}

function checkLosses() {
  for (const result of results) {
    const reference = results.find(({ model, losses }) => model === result.model && losses !== undefined);
    if (result.error !== undefined || reference === result) continue;
    const far = result.losses.some(
      (loss, i) => Math.abs(loss / (reference.losses[i] ?? loss) - 1) > LOSS_TOLERANCES[i],
    );
    if (far) result.error = `its losses ${result.losses} are not those of ${reference.engine}, ${reference.losses}`;
  }
}

function machine() {
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
}

function table() {
  const heads = [
    'model',
    'batch',
    'engine',
    'ms/step',
    'CPU ms',
    'images/s',
    'peak MB',
    ...(options.penalty ? ['penalty', 'of CPU'] : []),
  ];
  const cells = results.map(
    ({ model, batch, engine, msPerStep, cpuMsPerStep, imagesPerSecond, peakRssMb, error, ...penalty }) => [
      ...[model, batch, engine],
      ...(error === undefined ? [msPerStep, cpuMsPerStep, imagesPerSecond, peakRssMb] : [error]),
      ...[penalty.penaltyPercent, penalty.penaltyCpuPercent].flatMap((percent) =>
        percent === undefined ? [] : [`${percent > 0 ? '+' : ''}${percent} %`],
      ),
    ],
  );
  const lines = [heads, ...cells].map((row) => row.map(String));
  const widths = heads.map((_, i) =>
    Math.max(...lines.map((row) => (row.length < 7 && i > 2 ? 0 : (row[i]?.length ?? 0)))),
  );
  const isText = (i) => i === 0 || i === 2;
  const aligned = lines.map((row) =>
    row.map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return `${machine()}\n\n${aligned.join('\n')}\n`;
}

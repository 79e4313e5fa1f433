import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/errors/morphError.js';
import { report } from '../../src/index.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { runInTest } from './runInTest.js';

const failing = (error: unknown) => ({
  library: {
    report: async () => {
      throw error;
    },
  },
});

describe('onnx-morph', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await runInTest(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('documents every exit code in its help, which goes to stdout', async () => {
    const { exitCode, stdout, stderr } = await runInTest(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const documented = [...stdout.matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code]) => Number(code));
    expect(documented).toEqual([0, 1, ...Object.values(EXIT_CODES)]);
  });

  it('shows its help on stderr where no command is named', async () => {
    const { exitCode, stdout, stderr } = await runInTest([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe((await runInTest(['--help'])).stdout);
  });

  it.each([
    [['reprt'], "error: unknown command 'reprt' (Did you mean report?); see onnx-morph --help\n"],
    [['--nothing'], "error: unknown option '--nothing'; see onnx-morph --help\n"],
    [
      ['report', 'a.onnx', 'b.onnx'],
      "error: too many arguments for 'report'. Expected 1 argument but got 2; see onnx-morph report --help\n",
    ],
    [
      ['schema', 'all'],
      "error: command-argument value 'all' is invalid for argument 'command'. " +
        'Allowed choices are report, explain, morph, prune, widen, device, structure; see onnx-morph schema --help\n',
    ],
  ])('%j ends with 2 and one line', async (argv, stderr) => {
    expect(await runInTest(argv)).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it.each(['report', 'explain', 'morph', 'prune', 'widen'] as const)('prints the schema of %s', async (command) => {
    const { exitCode, stdout } = await runInTest(['schema', command]);
    expect({ exitCode, schema: JSON.parse(stdout) }).toEqual({ exitCode: 0, schema: SCHEMAS[command] });
  });

  it('tells an internal error on one line, and its stack under --debug', async () => {
    const error = new TypeError('a is undefined\nin b', { cause: new Error('deep') });
    const hint = '; this is a bug: run it again with --debug, and report what it prints\n';
    expect(await runInTest(['report', 'm.onnx'], failing(error))).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: internal error: TypeError: a is undefined${hint}`,
    });
    const { exitCode, stderr } = await runInTest(['report', 'm.onnx', '--debug'], failing(error));
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `error: internal error: TypeError: a is undefined\n${error.stack}\ncaused by ${(error.cause as Error).stack}\n`,
    );
  });

  it.each([
    ['text', 'error: internal error: text'],
    [undefined, 'error: internal error: undefined'],
  ])('survives that %j is thrown', async (thrown, start) => {
    const { exitCode, stderr } = await runInTest(['report', 'm.onnx'], failing(thrown));
    expect(exitCode).toBe(1);
    expect(stderr.split(';')[0]).toBe(start);
  });

  it('prints the stack of a foreseen error under --debug only', async () => {
    const plain = await runInTest(['report', 'nothing.onnx']);
    const debug = await runInTest(['--debug', 'report', 'nothing.onnx']);
    expect(plain.stderr.split('\n')).toHaveLength(2);
    expect(debug.stderr.startsWith(plain.stderr)).toBe(true);
    expect(debug.stderr).toContain('\n    at ');
    expect(debug.exitCode).toBe(3);
  });

  it('writes out the control characters of a hostile name', async () => {
    const { stderr } = await runInTest(['report', 'a\u001b[2J\nb.onnx']);
    expect(stderr).toBe('error: a\\u001b[2J\\u000ab.onnx: there is no such file; check the path of the model\n');
  });

  it('prints nothing once it was stopped', async () => {
    const controller = new AbortController();
    const stopped = async (path: Parameters<typeof report>[0]) => {
      const result = await report(path);
      controller.abort();
      return result;
    };
    const terminal = { library: { report: stopped }, signal: controller.signal };
    expect(await runInTest(['report', 'fixtures/models/vgg.onnx'], terminal)).toEqual({
      exitCode: 130,
      stdout: '',
      stderr: 'error: stopped; no result was written\n',
    });
  });
});

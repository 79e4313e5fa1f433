import { describe, expect, it } from 'vitest';
import { progressPrinter } from '../../src/cli/progressPrinter.js';
import { progressLine } from '../../src/report/progressLine.js';
import { SAMPLE_PROGRESS } from '../report/sampleResults.js';

const ERASE = '\r\u001b[2K';

function printerOn(output: { readonly isTTY?: boolean; readonly columns?: number }) {
  const state = { written: '', now: 0 };
  const write = (text: string) => {
    state.written += text;
  };
  return { state, printer: progressPrinter({ ...output, write }, () => state.now) };
}

describe('progressPrinter', () => {
  it('draws over one line, at most every 100 ms, and leaves the line of an epoch', () => {
    const { state, printer } = printerOn({ isTTY: true, columns: 120 });
    const steps = [1, 2, 3].map((step) => ({ ...SAMPLE_PROGRESS, step }));
    const end = { ...SAMPLE_PROGRESS, isEpochEnd: true };
    for (const [i, at] of [0, 99, 100].entries()) {
      state.now = at;
      printer.show(steps[i]!);
    }
    printer.show(end);
    printer.clear();
    expect(state.written).toBe(
      `${ERASE}${progressLine(steps[0]!)}${ERASE}${progressLine(steps[2]!)}${ERASE}${progressLine(end)}\n`,
    );
  });

  it.each([
    [40, 39],
    [0, 79],
    [undefined, 79],
  ])('stays within a line on a terminal of %s columns', (columns, width) => {
    const { state, printer } = printerOn({ isTTY: true, ...(columns === undefined ? {} : { columns }) });
    printer.show(SAMPLE_PROGRESS);
    expect(state.written).toBe(ERASE + progressLine(SAMPLE_PROGRESS, width));
    printer.clear();
    printer.clear();
    expect(state.written).toBe(`${ERASE}${progressLine(SAMPLE_PROGRESS, width)}${ERASE}`);
  });

  it('uses no escape sequences where there is no terminal', () => {
    const { state, printer } = printerOn({});
    printer.show(SAMPLE_PROGRESS);
    printer.clear();
    expect(state.written).toBe('');
  });
});

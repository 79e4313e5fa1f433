/** @file Equations of Einsum. */

/** The name of every axis of the inputs and the output of an Einsum; axes of an ellipsis are named '.0', '.1', …. */
export interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Reads an equation such as `bhid,bhjd->bhij`, `...ij,jk` or `ij->`.
 *
 * Without an arrow the output has the ellipsis, then the letters that stand once, capitals first.
 *
 * @param ranks of the inputs
 * @returns undefined where it is no equation for inputs of these ranks
 */
export function parseEquation(equation: string, ranks: readonly number[]): Equation | undefined {
  const [left = '', right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== ranks.length) return undefined;
  const ellipsis = terms.map((term, input) => ranks[input]! - term.replace('...', '').length);
  const widest = Math.max(0, ...ellipsis.filter((_, input) => terms[input]!.includes('...')));
  const inputs: (readonly string[])[] = [];
  for (const [input, term] of terms.entries()) {
    const labels = labelsOf(term, term.includes('...') ? ellipsis[input]! : 0, widest);
    if (labels === undefined || labels.length !== ranks[input]) return undefined;
    inputs.push(labels);
  }
  const output = labelsOf(right ?? implicitOutput(terms), widest, widest);
  if (output === undefined || new Set(output).size !== output.length) return undefined;
  const known = new Set(inputs.flat());
  const hidesEllipsis = widest > 0 && !output.includes('.0');
  return hidesEllipsis || output.some((label) => !known.has(label)) ? undefined : { inputs, output };
}

/** The names of a term's axes, `covered` of them under the ellipsis, which counts from the end of the widest one. */
function labelsOf(term: string, covered: number, widest: number): readonly string[] | undefined {
  const found = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/.exec(term);
  if (found === null || covered < 0) return undefined;
  const [, before = '', dots, after = ''] = found;
  const hidden = dots === undefined ? 0 : covered;
  return [...before, ...Array.from({ length: hidden }, (_, axis) => `.${axis + widest - hidden}`), ...after];
}

function implicitOutput(terms: readonly string[]): string {
  const letters = [...terms.join('').replaceAll('.', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return `${terms.some((term) => term.includes('...')) ? '...' : ''}${once.sort().join('')}`;
}

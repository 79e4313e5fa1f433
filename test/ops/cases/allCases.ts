import { convTransposeCases } from './convTransposeCases.js';
import { convolutionCases, poolingCases } from './convolutionCases.js';
import { denseCases } from './denseCases.js';
import { elementwiseCases, normalizationCases } from './elementwiseCases.js';
import type { OpCase } from './opCase.js';
import { shapeCases } from './shapeCases.js';

export const allCases: readonly OpCase[] = [
  ...convolutionCases,
  ...poolingCases,
  ...denseCases,
  ...elementwiseCases,
  ...normalizationCases,
  ...shapeCases,
  ...convTransposeCases,
];

import { attentionCases } from './attentionCases.js';
import { broadcastCases } from './broadcastCases.js';
import { convolutionCases, poolingCases } from './convolutionCases.js';
import { convTransposeCases } from './convTransposeCases.js';
import { denseCases } from './denseCases.js';
import { elementwiseCases, normalizationCases } from './elementwiseCases.js';
import { fusedCases } from './fusedCases.js';
import { movementCases } from './movementCases.js';
import { moreNormalizationCases } from './normalizationCases.js';
import type { OpCase } from './opCase.js';
import { pointwiseCases } from './pointwiseCases.js';
import { recurrentCases } from './recurrentCases.js';
import { reductionCases } from './reductionCases.js';
import { shapeCases } from './shapeCases.js';
import { spatialCases } from './spatialCases.js';

export const allCases: readonly OpCase[] = [
  ...convolutionCases,
  ...convTransposeCases,
  ...poolingCases,
  ...denseCases,
  ...elementwiseCases,
  ...normalizationCases,
  ...moreNormalizationCases,
  ...recurrentCases,
  ...fusedCases,
  ...attentionCases,
  ...pointwiseCases,
  ...broadcastCases,
  ...reductionCases,
  ...shapeCases,
  ...movementCases,
  ...spatialCases,
];

import { attentionLawNets } from './attentionLawNets.js';
import { convolutionLawNets } from './convolutionLawNets.js';
import { coreLawNets } from './coreLawNets.js';
import { fusedLawNets } from './fusedLawNets.js';
import type { LawNet } from './lawNet.js';
import { movementLawNets } from './movementLawNets.js';
import { normalizationLawNets } from './normalizationLawNets.js';
import { pointwiseLawNets } from './pointwiseLawNets.js';
import { poolingLawNets } from './poolingLawNets.js';
import { productLawNets } from './productLawNets.js';
import { quantizationLawNets } from './quantizationLawNets.js';
import { recurrentLawNets } from './recurrentLawNets.js';
import { reductionLawNets } from './reductionLawNets.js';
import { spatialLawNets } from './spatialLawNets.js';

/** For every record, a net around the operator through which channels run, or why they do not. */
export const allLawNets: readonly LawNet[] = [
  ...convolutionLawNets,
  ...coreLawNets,
  ...fusedLawNets,
  ...attentionLawNets,
  ...normalizationLawNets,
  ...recurrentLawNets,
  ...pointwiseLawNets,
  ...productLawNets,
  ...reductionLawNets,
  ...poolingLawNets,
  ...spatialLawNets,
  ...movementLawNets,
  ...quantizationLawNets,
];

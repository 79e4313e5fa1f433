import { batchNormKernels } from './batchNormKernels.js';
import { binaryKernels } from './binaryKernels.js';
import { blockKernels } from './blockKernels.js';
import { conv3dKernels } from './conv3dKernels.js';
import { convKernels } from './convKernels.js';
import { creationKernels } from './creationKernels.js';
import { crossEntropyKernels } from './crossEntropyKernels.js';
import { einsumKernels } from './einsumKernels.js';
import { fusedKernels } from './fusedKernels.js';
import { gatherKernels } from './gatherKernels.js';
import { groupedConvKernels } from './groupedConvKernels.js';
import type { Kernel } from './kernel.js';
import { layerNormKernels } from './layerNormKernels.js';
import { lrnKernels } from './lrnKernels.js';
import { matMulKernels } from './matMulKernels.js';
import { normalizationKernels } from './normalizationKernels.js';
import { poolGradientKernels } from './poolGradientKernels.js';
import { poolKernels } from './poolKernels.js';
import { reductionKernels } from './reductionKernels.js';
import { resizeKernels } from './resizeKernels.js';
import { scanKernels } from './scanKernels.js';
import { scatterKernels } from './scatterKernels.js';
import { shapeKernels } from './shapeKernels.js';
import { unaryKernels } from './unaryKernels.js';

/** Every kernel of the backend, sorted by name. */
export const kernels: readonly Kernel[] = sortedByName([
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...scanKernels,
  ...shapeKernels,
  ...blockKernels,
  ...creationKernels,
  ...gatherKernels,
  ...scatterKernels,
  ...matMulKernels,
  ...einsumKernels,
  ...convKernels,
  ...conv3dKernels,
  ...groupedConvKernels,
  ...fusedKernels,
  ...poolKernels,
  ...poolGradientKernels,
  ...normalizationKernels,
  ...batchNormKernels,
  ...layerNormKernels,
  ...crossEntropyKernels,
  ...lrnKernels,
  ...resizeKernels,
]);

function sortedByName(all: readonly Kernel[]): readonly Kernel[] {
  const sorted = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [i, { name }] of sorted.entries()) {
    if (sorted[i + 1]?.name === name) throw new Error(`onnxruntime backend: kernel '${name}' is defined twice`);
  }
  return sorted;
}

export { type Augmentation, augmentData, parseAugmentation } from './augment.js';
export type {
  BatchFunction,
  BatchSource,
  DataModule,
  DataSources,
  ModuleArray,
  ModuleBatch,
  ModuleBatches,
  ModuleContext,
} from './dataModule.js';
export { type Batch, classCount, type DataSet, type FloatArray, targetsOf } from './dataSet.js';
export { type FreeShape, fitData } from './fitData.js';
export { fitLabelMaps, fitTargets } from './fitTargets.js';
export { checkLabels } from './labels.js';
export {
  NO_NORMALISATION,
  type Normalisation,
  type NormalisationTexts,
  parseNormalisation,
  parseNumberList,
} from './normalisation.js';
export { openDataSet } from './openDataSet.js';
export type { DataOptions, LabelKind, OpenOptions } from './options.js';
export { withDataSet } from './withDataSet.js';
